using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using CsCheck;
using Weft.Graphs.Tests.Streaming;

namespace Weft.Graphs.Tests.Execution;

/// <summary>What a graph comes to does not depend on who finishes first, nor on where a server dies.</summary>
public sealed partial class DeterminismTests
{
    private const int Nodes = 3;
    private const int Sends = 3;

    private static readonly ListChannel<string> Trail = Channel.List<string>("trail");
    private static readonly ReducerChannel<string> Joined = Channel.Reducer("joined", "", (old, write) => old + write);
    private static readonly LastValueChannel<int> Rounds = Channel.LastValue("rounds", 0);
    private static readonly MessagesChannel Messages = Channel.Messages();

    [Fact]
    public async Task The_order_in_which_parallel_tasks_finish_changes_no_state_and_no_checkpoint()
    {
        var (expected, inOrder) = await RunAsync([.. Enumerable.Range(0, Nodes + Sends)]);
        inOrder.ShouldBe(["n0", "n1", "n2", "s0", "s1", "s2"]);
        await Gen.Shuffle(Enumerable.Range(0, Nodes + Sends).ToArray()).SampleAsync(
            async order =>
            {
                var (history, finished) = await RunAsync(order);
                finished.ShouldBe(order.Select(Name));
                history.ShouldBe(expected);
            },
            iter: 40);
    }

    /// <summary>
    /// The writes of the checkpointer are cut off after any number of them, and again after the restart, until the run
    /// gets through.
    /// </summary>
    [Theory]
    [InlineData(Durability.Sync)]
    [InlineData(Durability.Async)]
    [InlineData(Durability.Exit)]
    public async Task A_crash_after_any_write_and_a_continuation_come_to_the_same_end(Durability durability)
    {
        var expected = (await Crashing().RunAsync(Input, new GraphRunOptions(), TestContext.Current.CancellationToken)).Values.Json();
        await Gen.Int[0, 40].Array[1, 4].SampleAsync(
            async crashes =>
            {
                var checkpointer = new MortalCheckpointer();
                foreach (var writes in crashes.Append(int.MaxValue))
                {
                    checkpointer.Revive(writes);
                    var isFresh = await checkpointer.FindAsync(Crashing().Schema, "", null, default) is null;
                    var options = new GraphRunOptions { Checkpointer = checkpointer, Durability = durability };
                    try
                    {
                        var result = await Crashing().RunAsync(isFresh ? Input : GraphInput.Continue, options);
                        checkpointer.HasDied.ShouldBeFalse();
                        result.Values.Json().ShouldBe(expected);
                    }
                    catch (IOException)
                    {
                    }
                }

                var steps = new List<int>();
                await foreach (var tuple in checkpointer.ReadAsync(Crashing().Schema, "", null, default))
                {
                    steps.Add(tuple.Checkpoint.Step);
                }

                // One checkpoint a superstep, however often it was begun.
                steps.ShouldBe(steps.Distinct().OrderDescending());
            },
            iter: 60);
    }

    private static GraphInput Input =>
        GraphInput.FromJson(JsonElement.Parse("""{"messages":[{"role":"user","content":"go","id":"h"}],"trail":["given"]}"""));

    private static string Name(int rank) => rank < Nodes ? $"n{rank}" : $"s{rank - Nodes}";

    /// <summary>
    /// Runs a graph whose parallel tasks finish in the given order; returns its history and the order of its updates.
    /// </summary>
    private static async Task<(string History, List<string> Finished)> RunAsync(int[] order)
    {
        var turns = new TurnSink(order);
        var graph = new StateGraph().AddChannels(Trail, Joined, Messages).AddNode("plan", _ => StateUpdate.None);
        async Task<NodeResult> WorkAsync(string name, CancellationToken cancellationToken)
        {
            await turns.WaitAsync(name, cancellationToken);
            return new StateUpdate().Add(Trail, name).Set(Joined, name).Add(Messages, Message.Ai(name, name));
        }

        for (var i = Nodes - 1; i >= 0; i--)
        {
            var name = Name(i);
            graph.AddNode(name, (_, cancellationToken) => WorkAsync(name, cancellationToken)).AddEdge("plan", name);
        }

        graph.AddNode("work", (context, cancellationToken) => WorkAsync(context.Input!.Value.GetString()!, cancellationToken))
            .AddNode("join", _ => new StateUpdate().Add(Trail, "join"))
            .AddEdge(StateGraph.Start, "plan")
            .AddConditionalEdges("plan", _ => [.. Enumerable.Range(0, Sends).Select(i => (Destination)Send.Of("work", $"s{i}"))], ["work"])
            .AddEdge(["n0", "n1", "n2"], "join");
        var checkpointer = new InMemoryCheckpointer();
        var compiled = graph.Compile();
        await compiled.RunAsync(
            GraphInput.FromJson(GraphJson.EmptyObject),
            new GraphRunOptions { Checkpointer = checkpointer, Modes = StreamMode.Updates, Sink = turns },
            TestContext.Current.CancellationToken);
        var history = new StringBuilder();
        await foreach (var state in compiled.GetHistoryAsync(checkpointer))
        {
            history.AppendLine(
                null,
                $"{state.Checkpoint.Step} {state.Checkpoint.Source} {state.Json()} {string.Join(',', state.Next)} {Ids().Replace(state.Tasks(), "id")}");
        }

        return (history.ToString(), turns.Finished);
    }

    /// <summary>
    /// Loops, parallel nodes, sends, a join and a branch; every node leaves a trace, so that whatever ran twice or
    /// never shows.
    /// </summary>
    private static CompiledGraph Crashing() => new StateGraph().AddChannels(Trail, Joined, Rounds, Messages)
        .AddNode("plan", context => new StateUpdate().Add(Trail, $"plan{context.Get(Rounds)}").Set(Rounds, context.Get(Rounds) + 1))
        .AddNode("a", Work("a")).AddNode("b", Work("b"))
        .AddNode("piece", context => new StateUpdate().Add(Trail, $"piece{context.Input!.Value.GetInt32()}"))
        .AddNode("join", context => new StateUpdate().Add(Messages, Message.Ai($"{context.Get(Trail)!.Count}", $"m{context.Get(Rounds)}")))
        .AddEdge(StateGraph.Start, "plan").AddEdge("plan", "a").AddEdge("plan", "b")
        .AddConditionalEdges(
            "plan", context => [Send.Of("piece", context.Get(Rounds)), Send.Of("piece", 10 * context.Get(Rounds))], ["piece"])
        .AddEdge(["a", "b"], "join")
        .AddConditionalEdges("join", context => context.Get(Rounds) < 3 ? "plan" : StateGraph.End, ["plan", StateGraph.End])
        .Compile();

    private static Func<NodeContext, CancellationToken, Task<NodeResult>> Work(string name) => async (_, _) =>
    {
        await Task.Yield();
        return new StateUpdate().Add(Trail, name).Set(Joined, name);
    };

    [GeneratedRegex("\"id\":\"[0-9a-f-]{36}\"")]
    private static partial Regex Ids();

    /// <summary>Lets each task finish once the update of the one before it was seen.</summary>
    private sealed class TurnSink(int[] order) : IStreamSink
    {
        private readonly TaskCompletionSource[] _turns =
            [.. order.Select(_ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))];

        public List<string> Finished { get; } = [];

        public Task WaitAsync(string name, CancellationToken cancellationToken)
        {
            var place = Array.FindIndex(order, rank => Name(rank) == name);
            return place == 0 ? Task.CompletedTask : _turns[place - 1].Task.WaitAsync(cancellationToken);
        }

        public void Emit(StreamPart part)
        {
            using var json = JsonDocument.Parse(part.JsonOf());
            var update = json.RootElement.EnumerateObject().First().Value;
            if (update.ValueKind == JsonValueKind.Object && update.TryGetProperty("joined", out var name))
            {
                Finished.Add(name.GetString()!);
                _turns[Finished.Count - 1].SetResult();
            }
        }
    }

    /// <summary>Takes some writes and then no more.</summary>
    private sealed class MortalCheckpointer : ICheckpointer
    {
        private readonly InMemoryCheckpointer _inner = new();
        private int _writesLeft;

        public bool HasDied => Volatile.Read(ref _writesLeft) < 0;

        public void Revive(int writes) => _writesLeft = writes;

        public ValueTask<CheckpointTuple?> FindAsync(
            ChannelSchema schema, string checkpointNamespace, string? checkpointId, CancellationToken cancellationToken) =>
            _inner.FindAsync(schema, checkpointNamespace, checkpointId, cancellationToken);

        public IAsyncEnumerable<CheckpointTuple> ReadAsync(
            ChannelSchema schema, string checkpointNamespace, string? before, CancellationToken cancellationToken) =>
            _inner.ReadAsync(schema, checkpointNamespace, before, cancellationToken);

        public Task PutAsync(Checkpoint checkpoint, CancellationToken cancellationToken) =>
            Spend() ? _inner.PutAsync(checkpoint, cancellationToken) : Dead;

        public Task PutOutcomeAsync(Checkpoint checkpoint, TaskOutcome outcome, CancellationToken cancellationToken) =>
            Spend() ? _inner.PutOutcomeAsync(checkpoint, outcome, cancellationToken) : Dead;

        private static Task Dead => Task.FromException(new IOException("The server has died."));

        private bool Spend() => Interlocked.Decrement(ref _writesLeft) >= 0;
    }
}
