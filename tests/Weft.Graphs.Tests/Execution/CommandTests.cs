using System.Text.Json;
using static Weft.Graphs.Tests.TestGraphs;

namespace Weft.Graphs.Tests.Execution;

public sealed class CommandTests
{
    [Fact]
    public async Task Update_goto_and_resume_take_effect_in_one_superstep()
    {
        var seen = "";
        var thread = new ThreadUnderTest(New()
            .AddNode("ask", context =>
            {
                var answer = context.Interrupt("ok?").ToString();
                seen = context.Get(Name) ?? "";
                return new StateUpdate().Add(Trail, "ask:" + answer);
            })
            .AddNode("extra", Visit("extra"))
            .Chain("ask").AddConditionalEdges("ask", _ => StateGraph.End, ["extra"]).Compile());
        await thread.RunAsync();
        var done = await thread.RunAsync(
            new Command { Resume = Element("1"), Update = new StateUpdate().Set(Name, "u"), Goto = ["extra"] });
        done.TrailOf().ShouldBe(["ask:1", "extra"]);
        seen.ShouldBe("u");
        done.Values.Get(Name).ShouldBe("u");
    }

    [Theory]
    [InlineData("", "1 2 next")]
    [InlineData("2", "1 2 other")]
    [InlineData("1,2", "1 2 other")]
    [InlineData("end", "1 end")]
    public async Task A_goto_of_one_task_may_replace_the_edges_of_all_tasks_of_the_node(string going, string trail)
    {
        var work = new NodeOptions { GotoReplacesEdges = true, Destinations = ["other"] };
        var graph = New("next", "other")
            .AddNode("plan", _ => new Command { Goto = [Send.Of("work", "1"), Send.Of("work", going == "end" ? "end" : "2")] })
            .AddNode(
                "work",
                context =>
                {
                    var name = context.Input!.Value.GetString()!;
                    var update = new StateUpdate().Add(Trail, name);
                    return going.Split(',').Contains(name)
                        ? new Command { Update = update, Goto = [name == "end" ? StateGraph.End : "other"] }
                        : update;
                },
                work)
            .AddConditionalEdges(StateGraph.Start, _ => "plan", ["plan", "work"])
            .AddEdge("work", "next")
            .Compile();

        (await new ThreadUnderTest(graph).RunAsync()).TrailOf().ShouldBe(trail.Split(' '));
    }

    [Fact]
    public async Task An_update_stays_when_new_input_follows()
    {
        var thread = new ThreadUnderTest(Line("a"));
        await thread.RunAsync();
        await thread.RunAsync(new Command { Update = new StateUpdate().Set(Count, 4) });
        (await thread.StateAsync()).Json().ShouldBeJson("""{"count":4,"trail":["a"],"messages":[]}""");
        (await thread.RunAsync("""{"count":1}""")).Values.Get(Count).ShouldBe(5);
    }

    [Fact]
    public async Task A_command_has_an_input_checkpoint_of_its_own_and_the_one_before_stays_as_it_was()
    {
        var thread = new ThreadUnderTest(Line("a", "b"));
        await thread.RunAsync("""{"name":"x"}""");
        await thread.RunAsync(new Command { Update = new StateUpdate().Set(Name, "u"), Goto = ["b"] });
        var history = await thread.HistoryAsync();
        history.Take(3).Select(state => (state.Checkpoint.Step, state.Checkpoint.Source, string.Join(',', state.Next), state.Values.Get(Name))).ShouldBe(
        [
            (4, CheckpointSource.Loop, "", "u"),
            (3, CheckpointSource.Input, "b", "u"),
            (2, CheckpointSource.Loop, "", "x"),
        ]);

        thread.Options = thread.Options with { CheckpointId = history[1].Checkpoint.Id };
        (await thread.ContinueAsync()).TrailOf().ShouldBe(["a", "b", "b"]);
    }

    [Fact]
    public async Task A_command_where_a_superstep_is_open_loses_nothing_of_it()
    {
        var runs = 0;
        var thread = new ThreadUnderTest(New("extra").AddNode("ask", Ask("ask", "ok?"))
            .AddNode("once", _ => new StateUpdate().Set(Count, Interlocked.Increment(ref runs)))
            .AddEdge(StateGraph.Start, "ask")
            .AddEdge(StateGraph.Start, "once")
            .AddConditionalEdges("once", _ => StateGraph.End, ["extra"])
            .Compile());
        var asked = (await thread.RunAsync()).Interrupts.ShouldHaveSingleItem();
        (await thread.RunAsync(new Command { Goto = ["extra"] })).Interrupts.ShouldHaveSingleItem().Id.ShouldBe(asked.Id);
        (await thread.ResumeAsync("1")).TrailOf().ShouldBe(["ask:1", "extra"]);
        runs.ShouldBe(1);
    }

    [Fact]
    public async Task Updates_of_several_commands_may_be_to_one_channel()
    {
        var thread = new ThreadUnderTest(Line("a"));
        await thread.RunAsync();
        await thread.RunAsync(new Command { Update = new StateUpdate().Set(Name, "first") });
        await thread.RunAsync(new Command { Update = new StateUpdate().Set(Name, "second") });
        (await thread.StateAsync()).Checkpoint.Values.Json().ShouldContain("second");
    }

    [Fact]
    public async Task A_goto_runs_with_what_is_pending()
    {
        var thread = new ThreadUnderTest(Line("a", "b", "c"));
        thread.Options = thread.Options with { InterruptBefore = NodeSelection.Of("b") };
        await thread.RunAsync();
        thread.Options = thread.Options with { InterruptBefore = NodeSelection.None };
        var done = await thread.RunAsync(new Command { Goto = ["c", StateGraph.End] });
        done.TrailOf().ShouldBe(["a", "b", "c", "c"]);
    }

    [Fact]
    public async Task A_goto_may_be_a_send()
    {
        var thread = new ThreadUnderTest(New("a").AddNode("work", context => new StateUpdate().Add(Trail, context.Input!.Value.ToString())).Chain("a")
            .AddConditionalEdges("a", _ => StateGraph.End, ["work"]).Compile());
        await thread.RunAsync();
        (await thread.RunAsync(new Command { Goto = [Send.Of("work", "x"), Send.Of("work", "y")] })).TrailOf().ShouldBe(["a", "x", "y"]);
    }

    [Fact]
    public async Task On_a_fresh_thread_update_and_goto_act_as_input()
    {
        var seen = "";
        var thread = new ThreadUnderTest(New("a")
            .AddNode("other", context =>
            {
                seen = context.Get(Name) ?? "";
                return new StateUpdate().Add(Trail, "other");
            })
            .Chain("a").AddConditionalEdges("a", _ => StateGraph.End, ["other"]).Compile());
        (await thread.RunAsync(new Command { Update = new StateUpdate().Set(Name, "u"), Goto = ["other"] }))
            .TrailOf()
            .ShouldBe(["a", "other"]);
        seen.ShouldBe("u");
    }

    [Fact]
    public async Task On_a_fresh_thread_a_send_runs_after_the_input_is_applied()
    {
        var thread = new ThreadUnderTest(New("a").AddNode("work", context => new StateUpdate().Add(Trail, $"work:{context.Input}")).Chain("a")
            .AddConditionalEdges("a", _ => StateGraph.End, ["work"]).Compile());
        (await thread.RunAsync(new Command { Update = new StateUpdate().Set(Name, "u"), Goto = [Send.Of("work", "x")] }))
            .TrailOf()
            .ShouldBe(["a", "work:x"]);
        (await thread.HistoryAsync()).Select(state => string.Join(',', state.Next)).ShouldBe(["", "work,a", StateGraph.Start]);
    }

    [Fact]
    public async Task A_command_with_nothing_in_it_fails()
    {
        var thread = new ThreadUnderTest(Line("a"));
        await Should.ThrowAsync<EmptyInputException>(() => thread.RunAsync(new Command()));
        await thread.RunAsync();
        await Should.ThrowAsync<EmptyInputException>(() => thread.RunAsync(new Command()));
    }

    [Fact]
    public async Task Continue_on_a_fresh_thread_fails_and_with_nothing_pending_succeeds()
    {
        var thread = new ThreadUnderTest(Line("a"));
        await Should.ThrowAsync<EmptyInputException>(() => thread.ContinueAsync());
        await thread.RunAsync();
        (await thread.ContinueAsync()).TrailOf().ShouldBe(["a"]);
    }

    [Fact]
    public async Task Of_a_command_that_is_refused_the_answer_is_not_kept_either()
    {
        var thread = new ThreadUnderTest(
            New().AddNode("ask", context => new StateUpdate().Add(Trail, context.Interrupt("?").ToString())).Chain("ask").Compile());
        await thread.RunAsync();
        var refused = new Command { Resume = JsonElement.Parse("1"), Goto = ["nobody"] };
        await Should.ThrowAsync<UnknownNodeException>(() => thread.RunAsync(refused));
        (await thread.ContinueAsync()).IsPaused.ShouldBeTrue();
        (await thread.ResumeAsync("2")).TrailOf().ShouldBe(["2"]);
    }

    [Fact]
    public async Task A_node_can_not_resume()
    {
        var thread = new ThreadUnderTest(New().AddNode("a", _ => new Command { Resume = Element("1") }).Chain("a").Compile());
        (await Should.ThrowAsync<NodeFailedException>(() => thread.RunAsync())).InnerException.ShouldBeOfType<InvalidUpdateException>();
    }

    [Fact]
    public async Task A_command_of_a_node_goes_beside_its_edges()
    {
        var thread = new ThreadUnderTest(
            New("b", "c")
                .AddNode(
                    "a",
                    _ => new Command { Update = new StateUpdate().Add(Trail, "a"), Goto = ["c"] },
                    new NodeOptions { Destinations = ["c"] })
                .Chain("a", "b")
                .Compile());
        (await thread.RunAsync()).TrailOf().ShouldBe(["a", "b", "c"]);
    }
}
