using System.Text.Json;

namespace Weft.Graphs.Tests.Typed;

public sealed class TypedContextTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_answer_of_the_wrong_type_is_asked_again()
    {
        var thread = new ThreadUnderTest(Graph(context => context.Interrupt<string, int>("How many?").ToString(null as IFormatProvider)));

        await thread.RunAsync();
        var second = await thread.ResumeAsync("\"forty\"");
        var third = await thread.ResumeAsync("null");
        var done = await thread.ResumeAsync("40");

        second.Interrupts.Single().Value.ToString()
            .ShouldBe("""{"question":"How many?","problem":"answer: The JSON value could not be converted to System.Int32."}""");
        third.Interrupts.Single().Value.GetProperty("question").GetString().ShouldBe("How many?");
        done.IsPaused.ShouldBeFalse();
        done.Values.ToString().ShouldBe("""{"result":"40"}""");
    }

    [Fact]
    public async Task An_interrupt_has_the_schema_of_its_answer()
    {
        var graph = Graph(context => context.Interrupt<Ask, Person>(new Ask("Who?")).Name);
        var thread = new ThreadUnderTest(graph);
        const string Schema =
            """
            {"type":"object","properties":{"name":{"type":"string"},"age":{"type":"integer"},"email":{"type":["string","null"],"default":null}},"required":["name","age"]}
            """;

        var first = await thread.RunAsync();
        var again = await thread.ResumeAsync("3");
        var untyped = await new ThreadUnderTest(Graph(context => context.Interrupt(new Ask("Who?")).ToString())).RunAsync();

        first.Interrupts.Single().ResponseSchema!.Value.GetRawText().ShouldBe(Schema);
        first.Interrupts.Single().Value.ToString().ShouldBe("""{"text":"Who?"}""");
        again.Interrupts.Single().ResponseSchema!.Value.GetRawText().ShouldBe(Schema);
        untyped.Interrupts.Single().ResponseSchema.ShouldBeNull();
    }

    [Fact]
    public async Task Questions_with_keys_are_asked_again_under_keys_of_their_own()
    {
        var thread = new ThreadUnderTest(Graph(context =>
        {
            var size = context.Interrupt<Ask, Person>(new Ask("Who?"), key: "who");
            return $"{size.Name} {context.Interrupt<Ask, bool>(new Ask("Sure?"), key: "sure")}";
        }));

        await thread.RunAsync();
        var again = await thread.ResumeAsync("""{"name":"Ada","years":3}""");
        var sure = await thread.ResumeAsync("""{"name":"Ada","age":3}""");
        var done = await thread.ResumeAsync("true");

        again.Interrupts.Single().Value.GetProperty("text").GetString().ShouldBe("Who?");
        again.Interrupts.Single().Value.GetProperty("problem").GetString()!.ShouldContain("age");
        sure.Interrupts.Single().Value.ToString().ShouldBe("""{"text":"Sure?"}""");
        done.Values.ToString().ShouldBe("""{"result":"Ada True"}""");
    }

    [Fact]
    public async Task The_context_of_a_run_is_read_as_a_type()
    {
        var graph = Graph(context => context.GetContext<Person>().Name);

        async Task<string> RunAsync(string? context) => (await graph.RunAsync(
            StateUpdate.None,
            new GraphRunOptions { Context = context is null ? null : JsonElement.Parse(context) },
            Stop)).Values.ToString();

        (await RunAsync("""{"name":"Ada","age":3}""")).ShouldBe("""{"result":"Ada"}""");
        (await Should.ThrowAsync<NodeFailedException>(() => RunAsync("""{"name":"Ada","age":"old"}"""))).Message.ShouldStartWith("context.age: ");
        (await Should.ThrowAsync<NodeFailedException>(() => RunAsync(null))).Message.ShouldBe("The run has no context.");
    }

    [Fact]
    public async Task The_input_of_a_send_is_read_as_a_type()
    {
        var graph = Everything.CreateGraph()
            .AddNodeFor<Person>("greet", person => new() { Log = [$"Hello {person.Name}"] })
            .AddNodeFor<int>("count", async (number, stop) =>
            {
                await Task.Delay(0, stop);
                return new() { Log = [$"{number + 1}"] };
            })
            .AddNodeFor<BookingInput>("book", (input, context) => new() { Log = [$"{context.Node} {input.Guest}"] })
            .AddConditionalEdges(
                StateGraph.Start,
                _ => [Send.Of("greet", new Person("Ada", 3)), Send.Of("count", 4), Send.Of("book", new BookingInput("Bob"))])
            .Compile();

        (await graph.RunAsync(new Everything.Update { Topic = "t" }, cancellationToken: Stop)).Values.Get(Everything.Channels.Log)
            .ShouldBe(["Hello Ada", "5", "book Bob"]);
    }

    [Fact]
    public async Task The_input_of_a_send_that_an_earlier_version_stored_is_read()
    {
        // With the names of the type, and enums as numbers.
        var stored = new Send("meet", GraphJson.ToElement(new Meeting("Ada", DayOfWeek.Friday)));
        stored.Input.ToString().ShouldBe("""{"Guest":"Ada","OnDay":5}""");
        Send.Of("meet", new Meeting("Ada", DayOfWeek.Friday)).Input.ToString().ShouldStartWith("""{"Guest":"Ada","OnDay":""");
        var graph = Everything.CreateGraph()
            .AddNodeFor<Meeting>("meet", meeting => new() { Log = [$"{meeting.Guest} on {meeting.OnDay}"] })
            .AddConditionalEdges(StateGraph.Start, _ => [stored])
            .Compile();

        (await graph.RunAsync(new Everything.Update { Topic = "t" }, cancellationToken: Stop)).Values.Get(Everything.Channels.Log)
            .ShouldBe(["Ada on Friday"]);
    }

    [Fact]
    public async Task A_node_for_sends_fails_if_it_is_not_run_by_one()
    {
        var graph = Everything.CreateGraph().AddNodeFor<int>("a", _ => new()).AddEdge(StateGraph.Start, "a").Compile();

        (await Should.ThrowAsync<NodeFailedException>(() => graph.RunAsync(StateUpdate.None, cancellationToken: Stop))).Message
            .ShouldBe("The node 'a' has no input of its own, because no send runs it: read its state instead.");
    }

    private static CompiledGraph Graph(Func<NodeContext, string> run)
    {
        var result = Channel.LastValue<string>("result");
        return new StateGraph().AddChannel(result).AddNode("a", context => new StateUpdate().Set(result, run(context)))
            .AddEdge(StateGraph.Start, "a").Compile();
    }

    [Fact]
    public async Task An_answer_of_a_type_has_its_names_as_declared_for_an_untyped_question_and_is_read_by_a_typed_one()
    {
        var log = Channel.List<string>("log");
        var thread = new ThreadUnderTest(new StateGraph()
            .AddChannel(log)
            .AddNode("untyped", context => new StateUpdate().Add(log, context.Interrupt("Who?").GetProperty("Guest").GetString()!))
            .AddNode("typed", context => new StateUpdate().Add(log, $"{context.Interrupt<string, Meeting>("Who?")}"))
            .AddEdge(StateGraph.Start, "untyped")
            .AddEdge("untyped", "typed")
            .Compile());
        await thread.RunAsync(StateUpdate.None);

        await thread.RunAsync(Command.ResumeWith(new Meeting("Ada", DayOfWeek.Friday)));
        var done = await thread.RunAsync(Command.ResumeWith(new Meeting("Bob", DayOfWeek.Monday)));

        done.Values.Get(log).ShouldBe(["Ada", "Meeting { Guest = Bob, OnDay = Monday }"]);
    }

    private sealed record Ask(string Text);

    private sealed record Meeting(string Guest, DayOfWeek OnDay);
}
