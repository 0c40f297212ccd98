using Weft.Agents;
using Weft.Graphs;

namespace Weft.Testing.Tests.Streams;

public sealed class RecordedStreamTests
{
    private static readonly LastValueChannel<int> Count = Channel.LastValue<int>("count", 0);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_is_recorded_as_clients_see_it()
    {
        var run = await Counting().RecordAsync(StateUpdate.None, cancellationToken: Stop);

        run.Stream.ExpectNodes("one", "two");
        run.Stream.Expect("updates", """{"one":{"count":1}}""", """{"two":{"count":2}}""");
        run.Stream.Expect("custom", "\"counted\"");
        run.Stream.ExpectValues("""{"count":2}""");
        run.Stream.ExpectQuestions();
        run.Values.Get(Count).ShouldBe(2);
    }

    [Fact]
    public async Task Only_modes_that_were_asked_for_are_recorded()
    {
        var run = await Counting().RecordAsync(StateUpdate.None, new GraphRunOptions { Modes = StreamMode.Tasks }, Stop);

        run.Stream.Events.Select(e => e.Name).Distinct().ShouldBe(["tasks"]);
        Should.Throw<ExpectationException>(() => run.Stream.Values).Message.ShouldBe("The stream has no event 'values'. It has: tasks.");
    }

    [Fact]
    public async Task The_text_of_models_is_joined()
    {
        var chat = ChatGraph.Create(new ScriptedChatClient(ScriptedAnswer.Says("Hel", "lo", "!")));

        var run = await chat.RecordAsync(GraphInput.FromJson(System.Text.Json.JsonElement.Parse("""{"messages":"Hi"}""")), cancellationToken: Stop);

        run.Stream.ExpectText("Hello!");
        run.Stream.ExpectValues("""{"messages":[{"type":"human","content":"Hi"},{"type":"ai","content":"Hello!"}]}""");
    }

    [Fact]
    public async Task The_questions_of_a_pause_are_found_in_both_modes()
    {
        var graph = new StateGraph().AddChannel(Count)
            .AddNode("ask", context => new StateUpdate().Set(Count, context.Interrupt("How many?").GetInt32()))
            .AddEdge(StateGraph.Start, "ask").Compile();

        foreach (var mode in (StreamMode[])[StreamMode.Values, StreamMode.Updates])
        {
            var options = new GraphRunOptions { Checkpointer = new InMemoryCheckpointer(), Modes = mode };
            var paused = await graph.RecordAsync(StateUpdate.None, options, Stop);
            var done = await graph.RecordAsync(Command.ResumeWith(7), options, Stop);

            paused.Stream.ExpectQuestions("\"How many?\"");
            paused.Questions.ShouldHaveSingleItem().GetString().ShouldBe("How many?");
            done.Stream.ExpectQuestions();
            done.Values.Get(Count).ShouldBe(7);
        }
    }

    [Fact]
    public async Task What_differs_is_shown_with_both()
    {
        var run = await Counting().RecordAsync(StateUpdate.None, cancellationToken: Stop);

        Should.Throw<ExpectationException>(() => run.Stream.Expect("updates", """{"one":{"count":1}}""", """{"two":{"count":3}}"""))
            .Message.ReplaceLineEndings("\n").ShouldBe(
                """
                The events 'updates' are not as expected: number 2 differs at $.two.count.
                expected 2:
                  1. {"one":{"count":1}}
                  2. {"two":{"count":3}}
                but there were 2:
                  1. {"one":{"count":1}}
                  2. {"two":{"count":2}}
                """.ReplaceLineEndings("\n"));
        Should.Throw<ExpectationException>(() => run.Stream.Expect("custom")).Message.ShouldContain("expected 0:");
        Should.Throw<ExpectationException>(() => run.Stream.Expect("custom", "counted")).Message.ShouldContain("not JSON");
        Should.Throw<ExpectationException>(() => run.Stream.ExpectText("Hi")).Message.ShouldContain("expected: Hi");
    }

    private static CompiledGraph Counting() => new StateGraph()
        .AddChannel(Count)
        .AddNode("one", context => new StateUpdate().Set(Count, context.Get(Count) + 1))
        .AddNode("two", context =>
        {
            context.Write("counted");
            return new StateUpdate().Set(Count, context.Get(Count) + 1);
        })
        .AddEdge(StateGraph.Start, "one")
        .AddEdge("one", "two")
        .Compile();
}
