using static Weft.Graphs.Tests.TestGraphs;

namespace Weft.Graphs.Tests.Execution;

/// <summary>An answer after an edit, which took the question away: the first question that is asked gets it.</summary>
public sealed class OpenAnswerTests
{
    [Fact]
    public async Task After_an_edit_the_answer_is_for_the_question_that_is_asked_anew()
    {
        var thread = new ThreadUnderTest(New("before").AddNode("ask", Ask("ask", "one?", "two?")).Chain("before", "ask").Compile());
        await thread.RunAsync();
        await thread.UpdateAsync("""{"trail":["edit"]}""", "before");
        (await thread.StateAsync()).Interrupts.ShouldBeEmpty();

        (await thread.ResumeAsync("1")).Interrupts.ShouldHaveSingleItem().Value.GetString().ShouldBe("two?");
        (await thread.ContinueAsync()).Interrupts.ShouldHaveSingleItem().Value.GetString().ShouldBe("two?");
        (await thread.ResumeAsync("2")).TrailOf().ShouldBe(["before", "edit", "ask:1,2"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task It_finds_the_question_in_a_graph_inside(bool editsInside)
    {
        var inner = New("before")
            .AddNode("ask", Ask("ask", "sure?"))
            .AddNode("again", Ask("again", "again?"))
            .Chain("before", "ask", "again")
            .Compile();
        var thread = new ThreadUnderTest(New("before").AddNode("sub", inner).Chain("before", "sub").Compile())
        {
            Options = new() { Modes = StreamMode.Updates, StreamSubgraphs = true },
        };
        await thread.RunAsync();
        var options = thread.Options;
        thread.Options = options with { CheckpointNamespace = editsInside ? thread.Namespaces.First(name => name.Length > 0) : "" };
        await thread.UpdateAsync("""{"trail":["edit"]}""", "before");
        thread.Options = options;

        (await thread.ResumeAsync("1")).Interrupts.ShouldHaveSingleItem().Value.GetString().ShouldBe("again?");
        (await thread.ContinueAsync()).Interrupts.ShouldHaveSingleItem().Value.GetString().ShouldBe("again?");
        (await thread.ResumeAsync("2")).TrailOf().TakeLast(2).ShouldBe(["ask:1", "again:2"]);
    }

    [Fact]
    public async Task Of_several_that_ask_one_gets_it_and_keeps_it()
    {
        var thread = new ThreadUnderTest(New("before").AddNode("p", Ask("p", "p?")).AddNode("q", Ask("q", "q?"))
            .AddEdge(StateGraph.Start, "before").AddEdge("before", "p").AddEdge("before", "q").Compile());
        await thread.RunAsync();
        await thread.UpdateAsync("{}", "before");
        (await thread.ResumeAsync("1")).Interrupts.ShouldHaveSingleItem();
        (await thread.ResumeAsync("2")).TrailOf().Select(line => line[^1]).Order().ShouldBe(['1', '2', 'e']);
    }

    [Fact]
    public async Task One_that_fails_after_it_has_it_still_when_it_goes_on()
    {
        var fails = true;
        var thread = new ThreadUnderTest(New("before").AddNode("ask", context =>
        {
            var answers = context.Interrupt("one?").ToString();
            if (fails)
            {
                throw new InvalidOperationException("boom");
            }

            return new StateUpdate().Add(Trail, $"{answers},{context.Interrupt("two?")}");
        }).Chain("before", "ask").Compile());
        await thread.RunAsync();
        await thread.UpdateAsync("{}", "before");
        await Should.ThrowAsync<NodeFailedException>(() => thread.ResumeAsync("1"));
        fails = false;
        (await thread.ContinueAsync()).Interrupts.ShouldHaveSingleItem().Value.GetString().ShouldBe("two?");
        (await thread.ResumeAsync("2")).TrailOf().ShouldBe(["before", "1,2"]);
    }

    [Fact]
    public async Task One_that_nobody_asks_for_is_gone_with_its_superstep()
    {
        var thread = new ThreadUnderTest(
            New("before", "quiet").AddNode("ask", Ask("ask", "sure?")).Chain("before", "quiet", "ask").Compile());
        thread.Options = thread.Options with { InterruptBefore = NodeSelection.Of("quiet") };
        await thread.RunAsync();
        (await thread.ResumeAsync("1")).Interrupts.ShouldHaveSingleItem().Value.GetString().ShouldBe("sure?");
    }
}
