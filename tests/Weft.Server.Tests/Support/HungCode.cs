using System.Collections.Concurrent;
using System.Text.Json;
using Weft.Graphs;

namespace Weft.Server.Tests;

/// <summary>
/// A graph with code that does not heed its token. It goes on when the test says so, and then tries all that code of a run can
/// do. With the input <c>{"pass":true}</c> nothing hangs.
/// </summary>
internal sealed class HungCode
{
    private static readonly LastValueChannel<bool> Pass = Channel.LastValue<bool>("pass");
    private static readonly ListChannel<string> Trail = Channel.List<string>("trail");

    private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _returned = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What the code could still do after it was released.</summary>
    public ConcurrentQueue<string> Done { get; } = new();

    public Task EnteredAsync() => _entered.Task.Within("the code to hang");

    public async Task ReleaseAsync()
    {
        _released.TrySetResult();
        await _returned.Task.Within("the hung code to return");
    }

    /// <param name="where">The place of the code.</param>
    public CompiledGraph Graph(string where)
    {
        var graph = new StateGraph()
            .AddChannels(Pass, Trail)
            .AddNode("before", _ => new StateUpdate().Add(Trail, "before"))
            .AddEdge(StateGraph.Start, "before")
            .AddEdge("before", "work");
        return where switch
        {
            "node" => graph.AddNode("work", HangAsync).Compile(),
            "blocked thread" => graph.AddNode("work", Block).Compile(),
            "edge" => graph.AddNode("work", _ => new StateUpdate().Add(Trail, "worked"))
                .AddConditionalEdges("work", HangAtEdgeAsync)
                .Compile(),
            "inner graph" =>
                graph
                    .AddNode(
                        "work",
                        new StateGraph()
                            .AddChannels(Pass, Trail)
                            .AddNode("inside", HangAsync)
                            .AddEdge(StateGraph.Start, "inside")
                            .Compile())
                    .Compile(),
            "inner graph without token" => graph.AddNode("work", RunInsideAsync).Compile(),
            "beside another" => graph.AddNode("work", HangAsync)
                .AddNode("quick", _ => new StateUpdate().Add(Trail, "quick"))
                .AddEdge("before", "quick")
                .Compile(),
            "beside a failure" => graph.AddNode("work", HangAsync).AddNode("bad", FailAsync).AddEdge("before", "bad").Compile(),
            "callback of the token" => graph.AddNode("work", BlockInCallbackAsync).Compile(),
            _ => throw new ArgumentOutOfRangeException(nameof(where), where, "There is no such place."),
        };
    }

    private async Task<NodeResult> HangAsync(NodeContext context, CancellationToken cancellationToken)
    {
        if (context.Get(Pass))
        {
            return new StateUpdate().Add(Trail, "passed");
        }

        await HangAsync(context);
        return new StateUpdate().Add(Trail, "late");
    }

    private NodeResult Block(NodeContext context)
    {
        if (context.Get(Pass))
        {
            return new StateUpdate().Add(Trail, "passed");
        }

#pragma warning disable xUnit1031 // To block is what is tested.
        HangAsync(context).GetAwaiter().GetResult();
#pragma warning restore xUnit1031
        return new StateUpdate().Add(Trail, "late");
    }

    private async Task<IReadOnlyList<Destination>> HangAtEdgeAsync(NodeContext context, CancellationToken cancellationToken)
    {
        if (!context.Get(Pass))
        {
            await HangAsync(context, CancellationToken.None);
        }

        return [StateGraph.End];
    }

    private async Task<NodeResult> RunInsideAsync(NodeContext context, CancellationToken cancellationToken)
    {
        var inside = new StateGraph().AddChannels(Pass, Trail)
            .AddNode("inside", HangAsync)
            .AddNode("after", _ => new StateUpdate().Add(Trail, "after"))
            .AddEdge(StateGraph.Start, "inside")
            .AddEdge("inside", "after")
            .Compile();
        var values = await context.RunAsync(inside, new StateUpdate().Set(Pass, context.Get(Pass)), CancellationToken.None);
        return new StateUpdate().Add(Trail, values.Get(Trail)![0]);
    }

    private async Task<NodeResult> FailAsync(NodeContext context, CancellationToken cancellationToken)
    {
        if (context.Get(Pass))
        {
            return StateUpdate.None;
        }

        await _entered.Task;
        throw new InvalidOperationException("The tap is closed.");
    }

    private async Task<NodeResult> BlockInCallbackAsync(NodeContext context, CancellationToken cancellationToken)
    {
        if (context.Get(Pass))
        {
            return new StateUpdate().Add(Trail, "passed");
        }

#pragma warning disable xUnit1031 // To block is what is tested.
        using var registered = cancellationToken.Register(() => _released.Task.GetAwaiter().GetResult());
#pragma warning restore xUnit1031
        await HangAsync(context, CancellationToken.None);
        return new StateUpdate().Add(Trail, "late");
    }

    private async Task HangAsync(NodeContext context)
    {
        var store = context.Store;
        var messages = context.Messages;
        _entered.TrySetResult();
        await _released.Task;
        context.Write("late");
        messages.Emit("late", """{"type":"AIMessageChunk","id":"late","content":"late"}"""u8.ToArray());
        await TryAsync("item", () => store.PutAsync(["late"], "item", JsonElement.Parse("{}")));
        await TryAsync("step", () => context.StepAsync("late", _ => Task.FromResult(1)));
        await TryAsync("graph", () => context.RunAsync(Graph("node"), new StateUpdate().Set(Pass, true)));
        await TryAsync("question", () => Task.FromResult(context.Interrupt("late?")));
        _returned.TrySetResult();
    }

    private async Task TryAsync(string what, Func<Task> act)
    {
        try
        {
            await act();
            Done.Enqueue(what);
        }
        catch (OperationCanceledException)
        {
        }
        catch (Exception e)
        {
            Done.Enqueue($"{what}: {e.GetType().Name}");
        }
    }
}
