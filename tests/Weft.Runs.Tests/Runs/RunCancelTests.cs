using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Weft.Graphs;
using Weft.Graphs.Tests.Streaming;

namespace Weft.Runs.Tests.Runs;

/// <summary>Runs that are cancelled, at each point of their lives (docs/protocol/runs.md C8).</summary>
public sealed class RunCancelTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(CancelAction.Interrupt)]
    [InlineData(CancelAction.Rollback)]
    public async Task A_cancelled_run_stops_and_its_thread_stands_at_what_is_left(object cancel)
    {
        var action = (CancelAction)cancel;
        await using var server = await RunsUnderTest.StartAsync();
        var thread = await server.NewThreadAsync();
        await server.EndAsync(await server.CreateAsync(thread, "before"));
        var run = await server.CreateAsync(thread, "hold");
        await server.HoldOf("hold").Reached.Task;
        (await server.Runs.CancelAsync(run, action, null, Stop)).ShouldBeTrue();
        (await server.EndAsync(run)).Status.ShouldBe(RunStatus.Interrupted);
        var isRollback = action == CancelAction.Rollback;
        (await server.StatusAsync(run)).ShouldBe(isRollback ? null : RunStatus.Interrupted);
        (await server.StatusAsync(thread)).ShouldBe(isRollback ? ThreadStatus.Idle : ThreadStatus.Interrupted);
        (await server.TrailAsync(thread)).ShouldBe(isRollback ? "note:before reply:before" : "note:before reply:before note:hold");
        (await server.Runs.CancelAsync(run, action, null, Stop)).ShouldBeFalse();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_run_that_is_rolled_back_takes_its_answer_with_it(int depth)
    {
        var hold = new RunsUnderTest.Hold();
        var graph = Asking(hold, depth);
        await using var server = await RunsUnderTest.StartAsync(add: services => new WeftBuilder(services).AddGraph("asking", graph));
        var thread = await server.NewThreadAsync();
        Task<RunRecord> RunAsync(string? command) => server.CreateAsync(thread, "", spec => spec with
        {
            AssistantId = AssistantIds.ForGraph("asking"),
            Input = command is null ? JsonElement.Parse("{}") : null,
            Command = command is null ? null : JsonElement.Parse(command),
        });
        await server.EndAsync(await RunAsync(null));
        var asked = await server.States.GetAsync(RunsUnderTest.Me, thread, CheckpointAddress.Head, subgraphs: true, Stop);

        var run = await RunAsync("""{"resume":"wrong","update":{"answers":["updated"]}}""");
        await hold.Reached.Task;
        (await server.Runs.CancelAsync(run, CancelAction.Rollback, null, Stop)).ShouldBeTrue();
        await server.EndAsync(run);

        var row = (await server.Threads.GetAsync(RunsUnderTest.Me, thread, Stop)).Thread;
        row.Status.ShouldBe(ThreadStatus.Interrupted);
        row.Interrupts.ShouldContain("sure?");
        var state = await server.States.GetAsync(RunsUnderTest.Me, thread, CheckpointAddress.Head, subgraphs: true, Stop);
        Shown(state!).ShouldBe(Shown(asked!));
        hold.Released.SetResult();
        var done = await server.EndAsync(await RunAsync("""{"resume":"right"}"""));
        RunsUnderTest.ValuesOf(done).ShouldBe("""{"answers":["right"]}""");
    }

    [Fact]
    public async Task A_run_that_is_rolled_back_leaves_the_answer_of_the_run_before_it()
    {
        RunsUnderTest.Hold[] holds = [new(), new()];
        var answers = Channel.List<string>("answers");
        var graph = new StateGraph().AddChannel(answers)
            .AddNode("ask", async (context, cancellationToken) =>
            {
                var given = new List<string>();
                foreach (var hold in holds)
                {
                    given.Add(context.Interrupt("sure?").GetString()!);
                    hold.Reached.TrySetResult();
                    await hold.Released.Task.WaitAsync(cancellationToken);
                }

                return new StateUpdate().Set(answers, given);
            })
            .AddEdge(StateGraph.Start, "ask").Compile();
        await using var server = await RunsUnderTest.StartAsync(add: services => new WeftBuilder(services).AddGraph("asking", graph));
        var thread = await server.NewThreadAsync();
        Task<RunRecord> RunAsync(string? answer) => server.CreateAsync(thread, "", spec => spec with
        {
            AssistantId = AssistantIds.ForGraph("asking"),
            Input = answer is null ? JsonElement.Parse("{}") : null,
            Command = answer is null ? null : JsonElement.Parse($$"""{"resume":"{{answer}}"}"""),
        });
        await server.EndAsync(await RunAsync(null));
        await CancelAsync("first", CancelAction.Interrupt, holds[0]);
        await CancelAsync("wrong", CancelAction.Rollback, holds[1]);

        RunsUnderTest.ValuesOf(await server.EndAsync(await RunAsync("right"))).ShouldBe("""{"answers":["first","right"]}""");

        async Task CancelAsync(string answer, CancelAction action, RunsUnderTest.Hold hold)
        {
            var run = await RunAsync(answer);
            await hold.Reached.Task;
            (await server.Runs.CancelAsync(run, action, null, Stop)).ShouldBeTrue();
            await server.EndAsync(run);
            hold.Released.SetResult();
        }
    }

    [Fact]
    public async Task A_run_that_waits_is_cancelled_at_once_and_never_starts()
    {
        await using var server = await RunsUnderTest.StartAsync();
        var thread = await server.NewThreadAsync();
        var first = await server.CreateAsync(thread, "hold");
        var waiting = await server.CreateAsync(thread, "waits");
        await server.Runs.CancelAsync(waiting, CancelAction.Interrupt, "enough", Stop);
        (await server.Runs.FindAsync(RunsUnderTest.Me, thread, waiting.RunId, Stop))!.ShouldSatisfyAllConditions(
            run => run.Status.ShouldBe(RunStatus.Interrupted), run => run.Error.ShouldBe("enough"));
        server.HoldOf("hold").Released.SetResult();
        await server.EndAsync(first);
        (await server.TrailAsync(thread)).ShouldBe("note:hold reply:hold");
    }

    [Theory]
    [InlineData(CancelAction.Interrupt)]
    [InlineData(CancelAction.Rollback)]
    public async Task A_run_that_waits_for_others_to_execute_is_cancelled_at_once(object cancel)
    {
        var action = (CancelAction)cancel;
        await using var server = await RunsUnderTest.StartAsync(options => options.ConcurrentRunsMax = 1);
        var executing = await server.CreateAsync(await server.NewThreadAsync(), "hold");
        await server.HoldOf("hold").Reached.Task;
        var thread = await server.NewThreadAsync();
        var run = await server.CreateAsync(thread, "a");
        var next = await server.CreateAsync(thread, "b");
        var last = await server.CreateAsync(await server.NewThreadAsync(), "c");

        (await server.Runs.CancelAsync(run, action, null, Stop)).ShouldBeTrue();

        (await server.EndAsync(run)).Status.ShouldBe(RunStatus.Interrupted);
        (await server.StatusAsync(run)).ShouldBe(action == CancelAction.Rollback ? null : RunStatus.Interrupted);
        (await server.StatusAsync(executing)).ShouldBe(RunStatus.Running);
        (await server.EventsAsync(run)).ShouldHaveSingleItem().ShouldContain(" cancel ");
        (await server.StatusAsync(thread)).ShouldBe(ThreadStatus.Busy);
        server.HoldOf("hold").Released.SetResult();
        await server.EndAsync(next);
        await server.EndAsync(last);
        (await server.TrailAsync(thread)).ShouldBe("note:b reply:b");
        (await server.StatusAsync(thread)).ShouldBe(ThreadStatus.Idle);
    }

    [Fact]
    public async Task Cancelling_all_lets_no_run_start_in_between()
    {
        await using var server = await RunsUnderTest.StartAsync();
        var thread = await server.NewThreadAsync();
        var runs = new List<RunRecord> { await server.CreateAsync(thread, "hold") };
        await server.HoldOf("hold").Reached.Task;
        for (var i = 0; i < 5; i++)
        {
            runs.Add(await server.CreateAsync(thread, $"{i}"));
        }

        await server.Runs.CancelAllAsync(RunsUnderTest.Other, null, CancelAction.Interrupt, Stop);
        (await server.StatusAsync(runs[0])).ShouldBe(RunStatus.Running);
        await server.Runs.CancelAllAsync(RunsUnderTest.Me, null, CancelAction.Interrupt, Stop);
        foreach (var run in runs)
        {
            await server.EndAsync(run);
            (await server.StatusAsync(run)).ShouldBe(RunStatus.Interrupted);
        }

        (await server.TrailAsync(thread)).ShouldBe("note:hold");
    }

    private static string Shown(StateSnapshot state)
    {
        var interrupts = Encoding.UTF8.GetString(GraphJson.Encode(state, static (writer, state) => state.WriteInterruptsByTask(writer)));
        return $"{state.Checkpoint.Id} {state.Checkpoint.Values} {interrupts}";
    }

    /// <summary>Asks, then holds, in as many graphs inside each other.</summary>
    private static CompiledGraph Asking(RunsUnderTest.Hold hold, int depth)
    {
        var answers = Channel.List<string>("answers");
        var graph = new StateGraph().AddChannel(answers)
            .AddNode("ask", context => new StateUpdate().Add(answers, context.Interrupt("sure?").ToString()))
            .AddNode("hold", async (_, cancellationToken) =>
            {
                hold.Reached.TrySetResult();
                await hold.Released.Task.WaitAsync(cancellationToken);
                return StateUpdate.None;
            })
            .AddEdge(StateGraph.Start, "ask").AddEdge("ask", "hold").Compile();
        for (var i = 0; i < depth; i++)
        {
            graph = new StateGraph().AddChannel(answers).AddNode("inside", graph).AddEdge(StateGraph.Start, "inside").Compile();
        }

        return graph;
    }
}
