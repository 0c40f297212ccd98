namespace Weft.Graphs.Tests.Execution;

public sealed class WorkflowTests
{
    [Fact]
    public async Task Steps_that_returned_are_not_done_again_when_the_workflow_is_resumed()
    {
        var calls = 0;
        var thread = new ThreadUnderTest(Workflow.Create<string, string>("essay", async (topic, context, stop) =>
        {
            var draft = await context.StepAsync("draft", _ => Task.FromResult($"{topic}{++calls}"), cancellationToken: stop);
            var parts = await Task.WhenAll(
                context.StepAsync("part", _ => Task.FromResult(++calls), cancellationToken: stop),
                context.StepAsync("part", _ => Task.FromResult(++calls), cancellationToken: stop));
            return $"{draft} {parts.Length} {context.Interrupt("ok?")}";
        }));
        (await thread.RunAsync("\"in\"")).Interrupts.ShouldHaveSingleItem();
        (await thread.StateAsync()).Next.ShouldBe(["essay"]);
        var done = await thread.ResumeAsync("\"yes\"");
        Workflow.OutputOf<string>(done.Values).ShouldBe("in1 2 yes");
        calls.ShouldBe(3);
        thread.Of(StreamMode.Updates).ShouldContain("""{"draft":"in1","__metadata__":{"cached":true}}""");
        thread.Of(StreamMode.Updates).Last().ShouldBe("""{"essay":"in1 2 yes"}""");
        thread.Of(StreamMode.Values).Last().ShouldBe("\"in1 2 yes\"");
    }

    [Fact]
    public async Task A_failed_step_is_done_again_and_those_before_it_are_not()
    {
        int first = 0, second = 0;
        var thread = new ThreadUnderTest(Workflow.Create<int, int>("sum", async (given, context, stop) =>
        {
            var a = await context.StepAsync("first", _ => Task.FromResult(given + ++first), cancellationToken: stop);
            var b = await context.StepAsync(
                "second",
                _ => ++second == 1 ? throw new TimeoutException("late") : Task.FromResult(second),
                cancellationToken: stop);
            return a + b;
        }));
        (await Should.ThrowAsync<NodeFailedException>(() => thread.RunAsync("10"))).Message.ShouldBe("late");
        Workflow.OutputOf<int>((await thread.ContinueAsync()).Values).ShouldBe(13);
        first.ShouldBe(1);
    }

    [Fact]
    public async Task A_step_is_retried_as_its_policy_says()
    {
        var tries = 0;
        var retry = new StepOptions
        {
            Retry = new RetryPolicy { AttemptsMax = 3, InitialInterval = TimeSpan.FromMilliseconds(1), Jitter = false },
        };
        var thread = new ThreadUnderTest(Workflow.Create<int, int>("w", (_, context, stop) =>
            context.StepAsync(
                "flaky",
                _ => ++tries < 3 ? throw new IOException("flaky") : Task.FromResult(tries),
                retry,
                cancellationToken: stop)));
        Workflow.OutputOf<int>((await thread.RunAsync("0")).Values).ShouldBe(3);
    }

    [Fact]
    public async Task A_turn_finds_what_the_one_before_returned_or_saved()
    {
        var thread = new ThreadUnderTest(Workflow.Create<int, int>("count", (more, context, _) =>
        {
            var sum = context.Previous<int>() + more;
            if (sum > 10)
            {
                context.Save(100);
            }

            return Task.FromResult(sum);
        }));
        Workflow.OutputOf<int>((await thread.RunAsync("5")).Values).ShouldBe(5);
        Workflow.OutputOf<int>((await thread.RunAsync("6")).Values).ShouldBe(11);
        Workflow.OutputOf<int>((await thread.RunAsync("1")).Values).ShouldBe(101);
        (await thread.HistoryAsync()).Select(state => state.Checkpoint.Step).ShouldBe([4, 3, 2, 1, 0, -1]);
    }

    [Fact]
    public async Task An_input_of_another_shape_fails_the_run()
    {
        var thread = new ThreadUnderTest(Workflow.Create<int, int>("w", (given, _, _) => Task.FromResult(given)));
        (await Should.ThrowAsync<InvalidUpdateException>(() => thread.RunAsync("\"text\""))).Message.ShouldContain("'w'");
    }

    [Fact]
    public async Task Nodes_of_a_graph_have_durable_steps_too()
    {
        var calls = 0;
        var thread = new ThreadUnderTest(TestGraphs.New().AddNode("n", async (context, stop) =>
        {
            var once = await context.StepAsync("once", _ => Task.FromResult(++calls), cancellationToken: stop);
            return new StateUpdate().Add(TestGraphs.Trail, $"{once}{context.Interrupt("ok?")}");
        }).Chain("n").Compile());
        await thread.RunAsync();
        (await thread.ResumeAsync("\"!\"")).TrailOf().ShouldBe(["1!"]);
        calls.ShouldBe(1);
    }
}
