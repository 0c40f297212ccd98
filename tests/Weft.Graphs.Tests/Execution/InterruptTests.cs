using System.Text.Json;

namespace Weft.Graphs.Tests.Execution;

/// <summary>Interrupts, answers, commands and breakpoints (protocol, sections C7 and G5), where the recordings of LangGraph do not reach.</summary>
public sealed class InterruptTests
{
    private static readonly ListChannel<string> Trail = Channel.List<string>("trail");
    private static readonly LastValueChannel<JsonElement> Answer = Channel.LastValue<JsonElement>("answer");

    [Fact]
    public async Task Every_interrupt_of_a_task_has_the_id_of_the_task_and_gets_its_answer_by_order()
    {
        var thread = new ThreadUnderTest(Graph(("ask", 3)));
        var first = (await thread.RunAsync()).Interrupts.ShouldHaveSingleItem();
        first.Id.ShouldMatch("^[0-9a-f]{32}$");
        first.Value.GetString().ShouldBe("ask 1?");
        var second = (await thread.ResumeAsync("\"one\"")).Interrupts.ShouldHaveSingleItem();
        (second.Id, second.Value.GetString()).ShouldBe((first.Id, "ask 2?"));
        (await thread.ResumeAsync($$"""{"{{first.Id}}":"two"}""")).Interrupts.ShouldHaveSingleItem().Value.GetString().ShouldBe("ask 3?");
        var result = await thread.ResumeAsync("\"three\"");
        result.IsPaused.ShouldBeFalse();
        result.Values.Get(Trail).ShouldBe(["ask one two three"]);
        (await thread.StateAsync()).HasNext.ShouldBeFalse();
    }

    [Fact]
    public async Task Of_several_questions_a_bare_answer_fails_and_changes_nothing()
    {
        var thread = new ThreadUnderTest(Graph(("p", 1), ("q", 1)));
        var asked = (await thread.RunAsync()).Interrupts;
        asked.Count.ShouldBe(2);
        (await Should.ThrowAsync<ResumeException>(() => thread.ResumeAsync("\"both\""))).Message.ShouldContain("interrupt id");
        (await thread.StateAsync()).Interrupts.Select(interrupt => interrupt.Id).ShouldBe(asked.Select(interrupt => interrupt.Id));
    }

    [Fact]
    public async Task A_map_may_answer_some_and_the_others_go_on_asking()
    {
        var thread = new ThreadUnderTest(Graph(("p", 1), ("q", 1)));
        var asked = (await thread.RunAsync()).Interrupts;
        var left = (await thread.ResumeAsync($$"""{"{{asked[0].Id}}":"yes","ffffffffffffffffffffffffffffffff":"nobody's"}""")).Interrupts.ShouldHaveSingleItem();
        left.Id.ShouldBe(asked[1].Id);
        // One is left, so that a bare answer is clear.
        (await thread.ResumeAsync("\"no\"")).Values.Get(Trail).ShouldBe(["p yes", "q no"]);
    }

    [Fact]
    public async Task A_strict_answer_to_nobody_fails_and_changes_nothing()
    {
        var thread = new ThreadUnderTest(Graph(("p", 1)));
        await thread.RunAsync();
        await Should.ThrowAsync<UnknownInterruptException>(() => thread.RunAsync(
            ThreadUnderTest.Answer("""{"ffffffffffffffffffffffffffffffff":1}""") with { StrictResume = true }));
        (await thread.StateAsync()).Interrupts.Count().ShouldBe(1);
        (await thread.ResumeAsync("""{"ffffffffffffffffffffffffffffffff":1}""")).IsPaused.ShouldBeTrue();
    }

    [Theory]
    [InlineData("false")]
    [InlineData("0")]
    [InlineData("{}")]
    [InlineData("""{"approve":true}""")]
    [InlineData("""{"0123456789abcdef0123456789abcdef":1,"x":2}""")]
    public async Task An_answer_is_any_value(string json)
    {
        var graph = new StateGraph().AddChannel(Answer).AddNode("ask", context => new StateUpdate().Set(Answer, context.Interrupt("?"))).AddEdge(StateGraph.Start, "ask").Compile();
        var thread = new ThreadUnderTest(graph);
        await thread.RunAsync();
        (await thread.ResumeAsync(json)).Values.Json().ShouldBeJson($$"""{"answer":{{json}}}""");
    }

    [Fact]
    public async Task Sends_to_one_node_ask_each_on_their_own()
    {
        var graph = new StateGraph().AddChannel(Trail).AddNode("plan", _ => StateUpdate.None)
            .AddNode("work", context => new StateUpdate().Add(Trail, $"{context.Input} {context.Interrupt(context.Input!.Value)}"))
            .AddEdge(StateGraph.Start, "plan").AddConditionalEdges("plan", _ => [Send.Of("work", 1), Send.Of("work", 2)], ["work"]).Compile();
        var thread = new ThreadUnderTest(graph);
        var asked = (await thread.RunAsync()).Interrupts;
        asked.Select(interrupt => interrupt.Id).Distinct().Count().ShouldBe(2);
        var second = asked.Single(interrupt => interrupt.Value.GetInt32() == 2);
        await thread.ResumeAsync($$"""{"{{second.Id}}":"b"}""");
        (await thread.ResumeAsync("\"a\"")).Values.Get(Trail).ShouldBe(["1 a", "2 b"]);
    }

    [Fact]
    public async Task A_second_attempt_of_a_run_does_not_give_its_answer_again()
    {
        var thread = new ThreadUnderTest(Graph(("ask", 2)));
        await thread.RunAsync();
        thread.Options = thread.Options with { RunId = "run-2" };
        await thread.ResumeAsync("\"one\"");
        (await thread.ResumeAsync("\"one\"")).Interrupts.ShouldHaveSingleItem().Value.GetString().ShouldBe("ask 2?");
        thread.Options = thread.Options with { RunId = "run-3" };
        (await thread.ResumeAsync("\"two\"")).Values.Get(Trail).ShouldBe(["ask one two"]);
    }

    [Fact]
    public async Task At_a_past_checkpoint_a_question_takes_another_answer()
    {
        var thread = new ThreadUnderTest(Graph(("ask", 1)));
        await thread.RunAsync();
        var asking = (await thread.StateAsync()).Checkpoint.Id;
        await thread.ResumeAsync("\"yes\"");
        thread.Options = thread.Options with { CheckpointId = asking };
        (await thread.ResumeAsync("\"no\"")).Values.Get(Trail).ShouldBe(["ask no"]);
        thread.Options = thread.Options with { CheckpointId = null };
        (await thread.StateAsync()).Json().ShouldBeJson("""{"trail":["ask no"]}""");
        (await thread.HistoryAsync()).Count(state => state.Checkpoint.ParentId == asking).ShouldBe(2);
    }

    [Fact]
    public async Task A_command_joins_what_is_pending()
    {
        var graph = new StateGraph().AddChannel(Trail)
            .AddNode("plan", _ => StateUpdate.None).AddNode("work", context => new StateUpdate().Add(Trail, $"work {context.Input}")).AddNode("third", _ => new StateUpdate().Add(Trail, "third"))
            .AddEdge(StateGraph.Start, "plan").AddConditionalEdges("plan", _ => [Send.Of("work", 1), Send.Of("work", 2)], ["work"])
            .AddConditionalEdges("work", _ => StateGraph.End, ["third", StateGraph.End]).Compile();
        var thread = new ThreadUnderTest(graph);
        thread.Options = thread.Options with { InterruptBefore = NodeSelection.Of("work") };
        await thread.RunAsync();
        thread.Options = thread.Options with { InterruptBefore = NodeSelection.None };
        var before = (await thread.StateAsync()).Checkpoint.Step;
        var result = await thread.RunAsync(new Command { Update = new StateUpdate().Add(Trail, "said"), Goto = ["third", Send.Of("work", 3)] });
        // The pending sends, the new one and the third node, all in one superstep.
        result.Values.Get(Trail)!.Order(StringComparer.Ordinal).ShouldBe(["said", "third", "work 1", "work 2", "work 3"]);
        (await thread.StateAsync()).Checkpoint.Step.ShouldBe(before + 1);
    }

    [Fact]
    public async Task A_command_takes_effect_also_when_the_run_asks_again()
    {
        var thread = new ThreadUnderTest(Graph(("ask", 2)));
        await thread.RunAsync();
        await thread.RunAsync(new Command { Update = new StateUpdate().Add(Trail, "noted"), Resume = JsonElement.Parse("1") });
        (await thread.StateAsync()).Json().ShouldBeJson("""{"trail":["noted"]}""");
        (await thread.ResumeAsync("2")).Values.Get(Trail).ShouldBe(["noted", "ask 1 2"]);
        (await thread.StateAsync()).Json().ShouldBeJson("""{"trail":["noted","ask 1 2"]}""");
    }

    [Fact]
    public async Task On_a_fresh_thread_a_command_acts_as_input_and_an_answer_fails()
    {
        var graph = Graph(("ask", 1));
        await Should.ThrowAsync<ResumeException>(() => new ThreadUnderTest(graph).ResumeAsync("1"));
        await Should.ThrowAsync<EmptyInputException>(() => new ThreadUnderTest(graph).RunAsync(new Command()));
        var thread = new ThreadUnderTest(graph);
        (await thread.RunAsync(new Command { Update = new StateUpdate().Add(Trail, "said") })).IsPaused.ShouldBeTrue();
        (await thread.StateAsync()).Json().ShouldBeJson("""{"trail":["said"]}""");
        await Should.ThrowAsync<EmptyInputException>(() => thread.RunAsync(new Command()));
    }

    [Fact]
    public async Task A_node_that_catches_the_interrupt_and_goes_on_is_not_asked_again()
    {
        var graph = new StateGraph().AddChannel(Trail)
            .AddNode("ask", context =>
            {
                try
                {
                    context.Interrupt("?");
                }
                catch (GraphInterruptException)
                {
                }

                return new StateUpdate().Add(Trail, "on");
            })
            .AddEdge(StateGraph.Start, "ask").Compile();
        (await new ThreadUnderTest(graph).RunAsync()).IsPaused.ShouldBeFalse();
    }

    [Fact]
    public async Task A_breakpoint_names_no_question_and_is_stepped_over_by_continuing()
    {
        var thread = new ThreadUnderTest(Graph(("ask", 0)));
        thread.Options = thread.Options with { InterruptBefore = NodeSelection.All, InterruptAfter = NodeSelection.All };
        var before = await thread.RunAsync();
        (before.IsPaused, before.Interrupts.Count).ShouldBe((true, 0));
        (await thread.StateAsync()).Next.ShouldBe(["ask"]);
        thread.Lines.TakeLast(2).ShouldBe(["Updates: {\"__interrupt__\":[]}", "Values: {\"trail\":[],\"__interrupt__\":[]}"]);
        (await thread.ContinueAsync()).IsPaused.ShouldBeTrue();
        (await thread.StateAsync()).Json().ShouldBeJson("""{"trail":["ask"]}""");
        (await thread.ContinueAsync()).IsPaused.ShouldBeFalse();
    }

    /// <summary>Parallel nodes that ask a number of questions and write the answers.</summary>
    private static CompiledGraph Graph(params (string Name, int Questions)[] nodes)
    {
        var graph = new StateGraph().AddChannel(Trail);
        foreach (var (name, questions) in nodes)
        {
            graph.AddNode(name, context => new StateUpdate().Add(Trail, string.Join(' ', Enumerable.Range(1, questions).Select(i => context.Interrupt($"{name} {i}?").ToString()).Prepend(name))))
                .AddEdge(StateGraph.Start, name);
        }

        return graph.Compile();
    }
}
