using static Weft.Graphs.Tests.TestGraphs;

namespace Weft.Graphs.Tests.Execution;

public sealed class InterruptTests
{
    [Fact]
    public async Task A_question_is_refused_in_a_run_without_a_checkpointer()
    {
        var graph = New().AddNode("ask", Ask("ask", "ok?")).Chain("ask").Compile();
        var outer = New().AddNode("outer", graph).Chain("outer").Compile();
        foreach (var asking in new[] { graph, outer })
        {
            var failure = await Should.ThrowAsync<NodeFailedException>(
                () => asking.RunAsync(ThreadUnderTest.Json("{}"), cancellationToken: TestContext.Current.CancellationToken));
            failure.GetBaseException().ShouldBeOfType<NoCheckpointerException>().Message.ShouldContain("GraphRunOptions.Checkpointer");
        }
    }

    [Fact]
    public async Task A_graph_that_keeps_no_checkpoints_can_ask_inside_of_one_that_does()
    {
        var inner = New()
            .AddNode("ask", Ask("ask", "ok?"))
            .Chain("ask")
            .Compile(new CompileOptions { Persistence = SubgraphPersistence.None });
        var thread = new ThreadUnderTest(New().AddNode("outer", inner).Chain("outer").Compile());
        (await thread.RunAsync()).Interrupts.ShouldHaveSingleItem().Value.GetString().ShouldBe("ok?");
    }

    [Fact]
    public async Task A_pause_shows_the_question_and_a_resume_answers_it()
    {
        var thread = new ThreadUnderTest(New().AddNode("ask", Ask("ask", "ok?")).Chain("ask").Compile());
        var paused = await thread.RunAsync();
        paused.IsPaused.ShouldBeTrue();
        var interrupt = paused.Interrupts.ShouldHaveSingleItem();
        interrupt.Id.ShouldMatch("^[0-9a-f]{32}$");
        (await thread.StateAsync()).Interrupts.ShouldHaveSingleItem().Id.ShouldBe(interrupt.Id);

        var done = await thread.ResumeAsync("\"yes\"");
        done.IsPaused.ShouldBeFalse();
        done.TrailOf().ShouldBe(["ask:yes"]);
        (await thread.StateAsync()).HasNext.ShouldBeFalse();
    }

    [Fact]
    public async Task Questions_of_one_node_are_answered_in_order_each_under_its_own_id()
    {
        var thread = new ThreadUnderTest(New().AddNode("ask", Ask("ask", "one?", "two?")).Chain("ask").Compile());
        var first = await thread.RunAsync();
        var second = await thread.ResumeAsync("1");
        second.Interrupts[0].Id.ShouldNotBe(first.Interrupts[0].Id);
        second.Interrupts[0].Value.GetString().ShouldBe("two?");
        (await thread.ContinueAsync()).Interrupts[0].Value.GetString().ShouldBe("two?");
        (await thread.ResumeAsync("2")).TrailOf().ShouldBe(["ask:1,2"]);
    }

    [Fact]
    public async Task An_older_thread_has_one_id_for_all_questions_of_a_node_and_can_be_answered()
    {
        var thread = new ThreadUnderTest(New().AddNode("ask", Ask("ask", "one?", "two?")).Chain("ask").Compile());
        var id = (await thread.RunAsync()).Interrupts[0].Id;
        var state = await thread.StateAsync();
        var outcome = $$"""{"id":"{{state.Tasks.Single().Id}}","i":[{"id":"{{id}}","value":"two?"}],"r":["1"],"p":true}""";
        await thread.Checkpointer.PutOutcomeAsync(
            state.Checkpoint,
            CheckpointCodec.DecodeOutcome(thread.Graph.Schema, System.Text.Encoding.UTF8.GetBytes(outcome)),
            TestContext.Current.CancellationToken);
        (await thread.ResumeAsync($$"""{"{{id}}":"2"}""")).TrailOf().ShouldBe(["ask:1,2"]);
    }

    [Fact]
    public async Task A_bare_answer_to_several_questions_fails_and_changes_nothing()
    {
        var thread = new ThreadUnderTest(Two());
        await thread.RunAsync();
        (await Should.ThrowAsync<ResumeException>(() => thread.ResumeAsync("1"))).Message.ShouldContain("multiple pending interrupts");
        (await thread.StateAsync()).Interrupts.Count().ShouldBe(2);
    }

    [Fact]
    public async Task A_map_may_answer_some_and_the_others_stay_pending()
    {
        var thread = new ThreadUnderTest(Two());
        var asked = await thread.RunAsync();
        var (p, q) = (asked.Interrupts.Single(i => i.Value.GetString() == "p?").Id, asked.Interrupts.Single(i => i.Value.GetString() == "q?").Id);
        var left = await thread.ResumeAsync($$"""{"{{q}}":"Q"}""");
        left.Interrupts.ShouldHaveSingleItem().Id.ShouldBe(p);
        (await thread.StateAsync()).Interrupts.ShouldHaveSingleItem().Id.ShouldBe(p);
        (await thread.ResumeAsync("\"P\"")).TrailOf().ShouldBe(["p:P", "q:Q"]);
    }

    [Fact]
    public async Task Unknown_ids_are_ignored_unless_the_resume_is_strict()
    {
        var thread = new ThreadUnderTest(Two());
        await thread.RunAsync();
        var unknown = $$"""{"{{new string('0', 32)}}":1}""";
        (await thread.ResumeAsync(unknown)).Interrupts.Count.ShouldBe(2);
        await Should.ThrowAsync<UnknownInterruptException>(
            () => thread.RunAsync(ThreadUnderTest.Answer(unknown) with { StrictResume = true }));
        (await thread.StateAsync()).Interrupts.Count().ShouldBe(2);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"id":1}""")]
    [InlineData("false")]
    [InlineData("[]")]
    public async Task Any_other_json_is_one_value(string json)
    {
        var thread = new ThreadUnderTest(New().AddNode("ask", Ask("ask", "ok?")).Chain("ask").Compile());
        await thread.RunAsync();
        (await thread.ResumeAsync(json)).TrailOf().ShouldBe([$"ask:{Element(json)}"]);
    }

    [Fact]
    public async Task A_finished_sibling_of_a_question_is_not_run_again()
    {
        var runs = 0;
        var thread = new ThreadUnderTest(New()
            .AddNode("ask", Ask("ask", "ok?"))
            .AddNode("once", _ => new StateUpdate().Set(Count, Interlocked.Increment(ref runs)))
            .AddEdge(StateGraph.Start, "ask").AddEdge(StateGraph.Start, "once").Compile());
        await thread.RunAsync();
        (await thread.ContinueAsync()).IsPaused.ShouldBeTrue();
        var done = await thread.ResumeAsync("1");
        runs.ShouldBe(1);
        done.Values.Get(Count).ShouldBe(1);
        thread.Of(StreamMode.Updates).First().ShouldBe("""{"once":{"count":1},"__metadata__":{"cached":true}}""");
    }

    [Fact]
    public async Task A_failed_node_keeps_its_answers_and_is_run_again_by_continue()
    {
        var fails = true;
        var thread = new ThreadUnderTest(New()
            .AddNode("ask", context =>
            {
                var answer = context.Interrupt("ok?").ToString();
                return fails ? throw new InvalidOperationException("boom") : new StateUpdate().Add(Trail, answer);
            })
            .Chain("ask").Compile());
        await thread.RunAsync();
        (await Should.ThrowAsync<NodeFailedException>(() => thread.ResumeAsync("\"yes\""))).Message.ShouldBe("boom");
        var failed = await thread.StateAsync();
        failed.Errors.ShouldBe(["boom"]);
        failed.Next.ShouldBe(["ask"]);
        failed.Interrupts.ShouldBeEmpty();
        fails = false;
        (await thread.ContinueAsync()).TrailOf().ShouldBe(["yes"]);
    }

    [Fact]
    public async Task Only_the_unfinished_sibling_of_a_failure_runs_again()
    {
        var goodRuns = 0;
        var badRuns = 0;
        var goodIsKept = new TaskCompletionSource();
        var thread = new ThreadUnderTest(New()
            .AddNode("good", _ => new StateUpdate().Set(Count, Interlocked.Increment(ref goodRuns)))
            .AddNode("bad", async (_, cancellationToken) =>
            {
                await goodIsKept.Task.WaitAsync(cancellationToken);
                return ++badRuns == 1 ? throw new InvalidOperationException("boom") : new StateUpdate().Add(Trail, "bad");
            })
            .AddEdge(StateGraph.Start, "good").AddEdge(StateGraph.Start, "bad").Compile())
        {
            Checkpointer = new RecordingCheckpointer { OnOutcome = _ => goodIsKept.TrySetResult() },
        };
        await Should.ThrowAsync<NodeFailedException>(() => thread.RunAsync());
        var done = await thread.ContinueAsync();
        (goodRuns, badRuns).ShouldBe((1, 2));
        done.Values.Get(Count).ShouldBe(1);
    }

    [Fact]
    public async Task New_input_abandons_what_is_pending()
    {
        var thread = new ThreadUnderTest(New("after").AddNode("ask", Ask("ask", "ok?")).Chain("ask", "after").Compile());
        var first = await thread.RunAsync("""{"name":"old"}""");
        var second = await thread.RunAsync("""{"name":"new"}""");
        second.Interrupts[0].Id.ShouldNotBe(first.Interrupts[0].Id);
        (await thread.ResumeAsync("1")).TrailOf().ShouldBe(["ask:1", "after"]);
    }

    [Fact]
    public async Task A_resume_on_a_fresh_thread_fails() =>
        await Should.ThrowAsync<ResumeException>(() => new ThreadUnderTest(Line("a")).ResumeAsync("1"));

    [Fact]
    public async Task A_resume_where_nothing_is_asked_changes_nothing()
    {
        var thread = new ThreadUnderTest(Line("a"));
        await thread.RunAsync();
        var before = (await thread.StateAsync()).Checkpoint.Id;
        (await thread.ResumeAsync("1")).IsPaused.ShouldBeFalse();
        (await thread.StateAsync()).Checkpoint.Id.ShouldBe(before);
        thread.Lines.ShouldBe(["Values: {\"count\":0,\"trail\":[\"a\"],\"messages\":[]}"]);
    }

    [Fact]
    public async Task An_answer_is_taken_once_when_a_run_is_tried_again()
    {
        var crash = true;
        var thread = new ThreadUnderTest(New()
            .AddNode("ask", context =>
            {
                var answers = (context.Interrupt("one?").ToString(), context.Interrupt("two?").ToString());
                return new StateUpdate().Add(Trail, answers.ToString());
            })
            .AddNode("crash", _ => crash ? throw new InvalidOperationException("boom") : (StateUpdate?)null)
            .AddEdge(StateGraph.Start, "ask").AddEdge(StateGraph.Start, "crash").Compile());
        thread.Options = thread.Options with { RunId = "r0" };
        await Should.ThrowAsync<NodeFailedException>(() => thread.RunAsync());
        crash = false;
        await thread.ContinueAsync();
        thread.Options = thread.Options with { RunId = "r1" };
        (await thread.ResumeAsync("1")).Interrupts[0].Value.GetString().ShouldBe("two?");
        (await thread.ResumeAsync("1")).Interrupts[0].Value.GetString().ShouldBe("two?");
        thread.Options = thread.Options with { RunId = "r2" };
        (await thread.ResumeAsync("2")).TrailOf().ShouldBe(["(1, 2)"]);
    }

    private static CompiledGraph Two() => New().AddNode("p", Ask("p", "p?")).AddNode("q", Ask("q", "q?"))
        .AddEdge(StateGraph.Start, "p").AddEdge(StateGraph.Start, "q").Compile();

    [Fact]
    public async Task An_answer_that_the_node_fails_on_is_replaced_by_the_next()
    {
        var thread = new ThreadUnderTest(
            New()
                .AddNode("ask", context => new StateUpdate().Add(Trail, context.Interrupt("sure?").GetBoolean() ? "yes" : "no"))
                .Chain("ask")
                .Compile());
        await thread.RunAsync();
        await Should.ThrowAsync<NodeFailedException>(() => thread.ResumeAsync("\"not a boolean\""));
        (await thread.StateAsync()).Errors.ShouldHaveSingleItem();
        await Should.ThrowAsync<NodeFailedException>(() => thread.ContinueAsync());
        (await thread.ResumeAsync("true")).TrailOf().ShouldBe(["yes"]);
    }

    [Fact]
    public async Task So_it_is_in_a_graph_inside()
    {
        var inner = New()
            .AddNode("ask", context => new StateUpdate().Add(Trail, context.Interrupt("sure?").GetBoolean() ? "yes" : "no"))
            .Chain("ask")
            .Compile();
        var thread = new ThreadUnderTest(New().AddNode("sub", inner).Chain("sub").Compile());
        await thread.RunAsync();
        await Should.ThrowAsync<NodeFailedException>(() => thread.ResumeAsync("\"not a boolean\""));
        (await thread.ResumeAsync("true")).TrailOf().ShouldBe(["yes"]);
    }
}
