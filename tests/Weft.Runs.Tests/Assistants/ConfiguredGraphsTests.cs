using System.Text.Json;
using Weft.Graphs;

namespace Weft.Runs.Tests.Assistants;

/// <summary>What callers get of a factory of graphs that takes long.</summary>
public sealed class ConfiguredGraphsTests
{
    private static readonly CompiledGraph Graph = new StateGraph().AddChannels(Channel.Messages())
        .AddNode("node", static _ => StateUpdate.None).AddEdge(StateGraph.Start, "node").Compile();

    [Fact]
    public async Task A_caller_that_waits_gets_the_graph_however_long_it_takes()
    {
        using var released = new ManualResetEventSlim();
        var graphs = Graphs(released, TimeSpan.FromMilliseconds(1));
        Should.Throw<SlowFactoryException>(() => graphs.For(Configuration(0), waits: false));

        var waiting = Task.Run(() => graphs.For(Configuration(0), waits: true), TestContext.Current.CancellationToken);
        released.Set();

        (await waiting).ShouldBeSameAs(Graph);
        graphs.For(Configuration(0), waits: false).ShouldBeSameAs(Graph);
    }

    [Fact]
    public async Task The_calls_that_hang_are_bounded()
    {
        using var released = new ManualResetEventSlim();
        var graphs = Graphs(released, TimeSpan.FromMilliseconds(1));
        for (var i = 0; i < 64; i++)
        {
            Should.Throw<SlowFactoryException>(() => graphs.For(Configuration(i), waits: false)).Message.ShouldContain("within");
        }

        Should.Throw<SlowFactoryException>(() => graphs.For(Configuration(64), waits: true))
            .Message.ShouldBe("64 calls of it have not returned.");
        var last = Task.Run(() => graphs.For(Configuration(63), waits: true), TestContext.Current.CancellationToken);
        released.Set();
        await last;
        for (var i = 0; i < 64; i++)
        {
            graphs.For(Configuration(i), waits: true).ShouldBeSameAs(Graph);
        }

        graphs.For(Configuration(64), waits: true).ShouldBeSameAs(Graph);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_caller_that_joined_a_call_that_failed_makes_its_own(bool succeeds)
    {
        using var released = new ManualResetEventSlim();
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var calls = 0;
        var graphs = new ConfiguredGraphs(
            _ =>
            {
                var call = Interlocked.Increment(ref calls);
                if (call == 1)
                {
                    entered.SetResult();
                    released.Wait(TimeSpan.FromMinutes(1));
                }

                return call > 1 && succeeds ? Graph : throw new InvalidOperationException($"Call {call} failed.");
            },
            countMax: 100,
            Timeout.InfiniteTimeSpan);
        var first = Task.Run(() => graphs.For(Configuration(0), waits: true), TestContext.Current.CancellationToken);
        await entered.Task;
        var got = new TaskCompletionSource<CompiledGraph>(TaskCreationOptions.RunContinuationsAsynchronously);
        var joining = new Thread(() =>
        {
            try
            {
                got.SetResult(graphs.For(Configuration(0), waits: true));
            }
            catch (InvalidOperationException e)
            {
                got.SetException(e);
            }
        })
        {
            IsBackground = true,
        };
        joining.Start();
        SpinWait.SpinUntil(() => joining.ThreadState.HasFlag(ThreadState.WaitSleepJoin), TimeSpan.FromMinutes(1)).ShouldBeTrue();
        released.Set();

        (await Should.ThrowAsync<InvalidOperationException>(first)).Message.ShouldBe("Call 1 failed.");
        if (succeeds)
        {
            (await got.Task).ShouldBeSameAs(Graph);
        }
        else
        {
            (await Should.ThrowAsync<InvalidOperationException>(got.Task)).Message.ShouldBe("Call 2 failed.");
        }

        calls.ShouldBe(2);
    }

    [Fact]
    public void A_time_that_is_none_is_refused()
    {
        foreach (var wrong in (TimeSpan[])[TimeSpan.Zero, TimeSpan.FromSeconds(-2), TimeSpan.MaxValue])
        {
            Should.Throw<ArgumentOutOfRangeException>(
                () => new GraphRegistration { GraphId = "g", Graph = Graph, FactoryTimeLimit = wrong });
        }

        new GraphRegistration { GraphId = "g", Graph = Graph, FactoryTimeLimit = Timeout.InfiniteTimeSpan }.ShouldNotBeNull();
    }

    private static ConfiguredGraphs Graphs(ManualResetEventSlim released, TimeSpan limit) => new(
        _ =>
        {
            released.Wait(TimeSpan.FromMinutes(1));
            return Graph;
        },
        countMax: 100,
        limit);

    private static JsonElement Configuration(int i) => JsonElement.Parse($$"""{"i":{{i}}}""");
}
