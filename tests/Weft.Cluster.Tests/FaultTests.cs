using System.Globalization;

namespace Weft.Cluster.Tests;

/// <summary>
/// Faults in a random order while clients work. <c>WEFT_FAULTS</c> is their number, 10 by default; <c>WEFT_SEED</c> repeats a test that
/// has printed this seed.
/// </summary>
public sealed class FaultTests
{
    private readonly HashSet<int> _suspects = [];

    [Fact]
    public async Task Nothing_is_lost_and_nothing_doubled_whatever_happens()
    {
        var seed = Number("WEFT_SEED") ?? Environment.TickCount & 0xFFFF;
        var random = new Random(seed);
        var said = new List<string> { $"WEFT_SEED={seed}" };
        await using var cluster = await ClusterUnderTest.StartAsync(hasOwnPostgres: true);
        await using var load = await Load.StartAsync(cluster, seed, PatientClient.IsPassing);
        await using var mixed = await MixedLoad.StartAsync(cluster, seed, PatientClient.IsPassing);
        try
        {
            for (var faults = Number("WEFT_FAULTS") ?? 10; faults > 0; faults--)
            {
                await load.GoOnAsync(5 + random.Next(20));
                await HappenAsync(cluster, random, said);
            }

            await load.GoOnAsync(20);
            await load.StopAsync();
            await mixed.StopAsync();
            said.Add($"{mixed}");

            load.Failures.ShouldBeEmpty();
            mixed.Failures.ShouldBeEmpty();
            await load.ShouldBeKeptAsync();
            await mixed.ShouldBeKeptAsync(_suspects);
            cluster.Ledger.ShouldHaveOneRunAtATime(_suspects);
        }
        finally
        {
            foreach (var line in said)
            {
                TestContext.Current.TestOutputHelper?.WriteLine(line);
                Console.WriteLine($"    {line}");
            }
        }
    }

    private static int? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;

    private async Task HappenAsync(ClusterUnderTest cluster, Random random, List<string> said)
    {
        var index = random.Next(cluster.Count);
        var time = TimeSpan.FromMilliseconds(random.Next(100, 4000));
        var fault = random.Next(9);
        said.Add($"{DateTime.UtcNow:mm:ss}");
        switch (fault)
        {
            case <= 1:
                said.Add($"kill {index}");
                await cluster[index].KillAsync();
                await WaitAsync(time);
                break;
            case 2:
                var other = (index + 1) % cluster.Count;
                said.Add($"kill {index} and {other}");
                await Task.WhenAll(cluster[index].KillAsync(), cluster[other].KillAsync());
                await WaitAsync(time);
                break;
            case 3:
                said.Add($"freeze {index} for {time}");
                await FreezeAsync(cluster[index], time);
                break;
            case 4:
                said.Add($"freeze {index} for longer than the others wait");
                await FreezeAsync(cluster[index], TimeSpan.FromSeconds(15) + time);
                break;
            case 5:
                said.Add($"stop {index}");
                await cluster[index].StopAsync();
                break;
            case 6:
                said.Add($"cut {index} from the database for {time}");
                await CutAsync(cluster, index, time, proxy => proxy.Cut());
                break;
            case 7:
                said.Add($"hold what {index} and the database send for {time}");
                await CutAsync(cluster, index, time, proxy => proxy.Hold());
                break;
            default:
                said.Add($"kill the database for {time}");
                await cluster.Postgres.KillAsync();
                await WaitAsync(time);
                await cluster.Postgres.StartAgainAsync();
                break;
        }

        await ReviveAsync(cluster);
    }

    private async Task FreezeAsync(ServerProcess server, TimeSpan time)
    {
        _suspects.Add(server.ProcessId);
        await server.FreezeAsync();
        await WaitAsync(time);
        await server.ContinueAsync();
        // A server that was declared dead ends itself, which takes a moment.
        await WaitAsync(TimeSpan.FromSeconds(3));
    }

    private async Task CutAsync(ClusterUnderTest cluster, int index, TimeSpan time, Action<TcpProxy> cut)
    {
        _suspects.Add(cluster[index].ProcessId);
        cut(cluster.ToDatabase(index));
        await WaitAsync(time);
        cluster.ToDatabase(index).Restore();
    }

    /// <summary>Starts the servers that have ended again.</summary>
    private static async Task ReviveAsync(ClusterUnderTest cluster)
    {
        for (var index = 0; index < cluster.Count; index++)
        {
            if (cluster[index].HasExited)
            {
                await cluster.StartAsync(index);
            }
        }
    }

    private static Task WaitAsync(TimeSpan time) => Task.Delay(time, TestContext.Current.CancellationToken);
}
