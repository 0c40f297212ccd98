using System.Globalization;

namespace Weft.Cluster.Tests;

/// <summary>What the nodes of the graph <c>ledger</c> have done, in the order of time.</summary>
internal sealed record Ledger(IReadOnlyList<LedgerEntry> Entries)
{
    public static Ledger Read(string folder) => new(
    [
        .. Directory.GetFiles(folder, "ledger-*").SelectMany(ReadFile).OrderBy(entry => entry.Begin),
    ]);

    /// <summary>The executions of a thread's nodes.</summary>
    public IReadOnlyList<LedgerEntry> Of(string thread) => [.. Entries.Where(entry => entry.ThreadId == thread)];

    /// <summary>Fails if two nodes of a thread were executed at once. Executions that were broken off do not count.</summary>
    /// <param name="ignored">Processes that others had reason to regard as dead while they were not.</param>
    public void ShouldHaveOneRunAtATime(IReadOnlySet<int> ignored)
    {
        foreach (var thread in Entries.Where(entry => !ignored.Contains(entry.ProcessId)).GroupBy(entry => entry.ThreadId))
        {
            var executions = thread.Where(entry => entry.End is not null).OrderBy(entry => entry.Begin).ToList();
            foreach (var (earlier, later) in executions.Zip(executions.Skip(1)))
            {
                later.Begin.ShouldBeGreaterThanOrEqualTo(earlier.End!.Value, $"Of thread {thread.Key}: {earlier} and {later}");
            }
        }
    }

    private static IEnumerable<LedgerEntry> ReadFile(string path)
    {
        var process = int.Parse(path[(path.LastIndexOf('-') + 1)..], CultureInfo.InvariantCulture);
        var begun = new Dictionary<(string Run, string Entry), LedgerEntry>();
        foreach (var parts in File.ReadAllLines(path).Select(line => line.Split(' ')).Where(parts => parts.Length == 5))
        {
            var time = long.Parse(parts[0], CultureInfo.InvariantCulture);
            var key = (parts[3], parts[4]);
            if (parts[1] == "begin")
            {
                if (begun.Remove(key, out var brokenOff))
                {
                    yield return brokenOff;
                }

                begun[key] = new LedgerEntry(process, parts[2], parts[3], parts[4], time, null);
            }
            else if (begun.Remove(key, out var entry))
            {
                yield return entry with { End = time };
            }
        }

        foreach (var entry in begun.Values)
        {
            yield return entry;
        }
    }
}

/// <summary>One execution of a node.</summary>
/// <param name="ProcessId">The server.</param>
/// <param name="ThreadId">The thread.</param>
/// <param name="RunId">The run.</param>
/// <param name="Entry">What it adds to the state.</param>
/// <param name="Begin">When it began, in microseconds since 1970.</param>
/// <param name="End">When it ended; null if it was broken off.</param>
internal sealed record LedgerEntry(int ProcessId, string ThreadId, string RunId, string Entry, long Begin, long? End);
