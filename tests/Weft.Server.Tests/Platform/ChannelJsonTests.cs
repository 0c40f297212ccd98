using System.Net;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Weft.Graphs;
using Weft.Server.Tests.Recovery;

namespace Weft.Server.Tests.Platform;

/// <summary>Types in channels, as clients send and see them.</summary>
public sealed class ChannelJsonTests
{
    [Theory]
    [InlineData("""{"name":"Ada","age":36,"day":"Friday"}""")]
    [InlineData("""{"Name":"Ada","AGE":36,"day":"friday"}""")]
    [InlineData("""{"name":"Ada","age":36,"day":5}""")]
    public async Task A_channel_takes_members_in_any_case_and_shows_them_in_one(string person)
    {
        await using var server = await TestServer.StartAsync(add: Add(Owned()));
        var thread = await server.Root.NewThreadAsync();

        var values = (await server.Root.PostAsync(Path(thread), Input(person))).ShouldBeOk().Json;

        values.GetProperty("person").GetRawText().ShouldBe("""{"name":"Ada","age":36,"day":"Friday"}""");
        (await server.Root.GetAsync($"/threads/{thread}/state")).Json.GetProperty("values").GetProperty("person").GetRawText()
            .ShouldBe("""{"name":"Ada","age":36,"day":"Friday"}""");
    }

    [Theory]
    [InlineData("""{"name":"bob","age":3}""", "'day'")]
    [InlineData("""{"age":3,"day":"Friday"}""", "'name'")]
    [InlineData("""{"name":null,"age":3,"day":"Friday"}""", "name")]
    [InlineData("""{"name":"bob","age":3,"day":"Friday","colour":"red"}""", "'colour'")]
    [InlineData("""{"name":"bob","age":-1,"day":"Friday"}""", "'person'")]
    [InlineData("""["bob"]""", "'person'")]
    public async Task A_wrong_member_is_refused_and_named(string person, string named)
    {
        await using var server = await TestServer.StartAsync(add: Add(Owned()));
        var thread = await server.Root.NewThreadAsync();

        var refused = await server.Root.PostAsync(Path(thread), Input(person));

        refused.ShouldBe(HttpStatusCode.UnprocessableEntity).Text.ShouldContain(named);
        refused.Text.ShouldNotContain("unborn");
        (await server.Root.GetAsync($"/threads/{thread}/runs")).Json.GetArrayLength().ShouldBe(0);
    }

    // The constructor, a setter and a converter of the type refuse a value. What they say is not for clients.
    [Theory]
    [InlineData("options", """{"name":"","limit":1,"code":"a"}""")]
    [InlineData("options", """{"name":"bob","limit":-1,"code":"a"}""")]
    [InlineData("options", """{"name":"bob","limit":1,"code":"secret"}""")]
    [InlineData("metadata", """{"name":"","limit":1,"code":"a"}""")]
    [InlineData("metadata", """{"name":"bob","limit":-1,"code":"a"}""")]
    [InlineData("metadata", """{"name":"bob","limit":1,"code":"secret"}""")]
    [InlineData("record", """{"name":"","limit":1,"code":"a"}""")]
    [InlineData("record", """{"name":"bob","limit":-1,"code":"a"}""")]
    [InlineData("record", """{"name":"bob","limit":1,"code":"secret"}""")]
    [InlineData("workflow", """{"name":"","limit":1,"code":"a"}""")]
    [InlineData("workflow", """{"name":"bob","limit":-1,"code":"a"}""")]
    [InlineData("workflow", """{"name":"bob","limit":1,"code":"secret"}""")]
    public async Task Input_that_the_code_of_its_type_refuses_is_refused(string kind, string card)
    {
        await using var server = await TestServer.StartAsync(add: Add(CardGraph(kind)));
        var thread = await server.Root.NewThreadAsync();
        string Body(string value) => kind == "workflow"
            ? $$"""{"assistant_id":"owned","input":{{value}}}"""
            : $$$"""{"assistant_id":"owned","input":{"card":{{{value}}}}}""";

        var refused = await server.Root.PostAsync(Path(thread), Body(card));

        refused.ShouldBe(HttpStatusCode.UnprocessableEntity).Text.ShouldContain(kind == "workflow" ? "input" : "'card'");
        refused.Text.ShouldNotContain("internal");
        (await server.Root.GetAsync($"/threads/{thread}/runs")).Json.GetArrayLength().ShouldBe(0);
        (await server.Root.PostAsync(Path(thread), Body("""{"name":"bob","limit":1,"code":"a"}"""))).ShouldBeOk().Text.ShouldContain("bob");
    }

    [Theory]
    [InlineData("""{"name":"bob","age":3}""", "'day'")]
    [InlineData("""{"name":null,"age":3,"day":"Friday"}""", "name")]
    [InlineData("""{"name":"bob","age":3,"day":"Friday","colour":"red"}""", "'colour'")]
    [InlineData("""["bob"]""", "Person")]
    public async Task A_wrong_input_of_a_workflow_is_refused_and_named(string person, string named)
    {
        await using var server = await TestServer.StartAsync(
            add: Add(Workflow.Create<Person, Person>("older", (one, _, _) => Task.FromResult(one with { Age = one.Age + 1 }))));
        var thread = await server.Root.NewThreadAsync();

        var refused = await server.Root.PostAsync(Path(thread), $$"""{"assistant_id":"owned","input":{{person}}}""");

        refused.ShouldBe(HttpStatusCode.UnprocessableEntity).Text.ShouldContain(named);
        (await server.Root.GetAsync($"/threads/{thread}/runs")).Json.GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task A_workflow_that_an_earlier_version_stored_continues()
    {
        using var folder = new TempFolder();
        string thread;
        await using (var before = await TestServer.StartAsync(folder.Path, add: Add(Greeting<OldGuest>(guest => guest.Name))))
        {
            thread = await before.Root.NewThreadAsync();
            (await before.Root.PostAsync(Path(thread), """{"assistant_id":"owned","input":{"name":"Ada"}}""")).ShouldBeOk()
                .Text.ShouldContain("__interrupt__");
        }

        await using var server = await TestServer.StartAsync(
            folder.Path, add: Add(Greeting<Guest>(guest => $"{guest.Name} of {guest.City ?? "nowhere"}")));

        (await server.Root.PostAsync(Path(thread), """{"assistant_id":"owned","command":{"resume":true}}""")).ShouldBeOk()
            .Json.Text("hello").ShouldBe("Ada of nowhere");
        (await server.Root.PostAsync(Path(thread), """{"assistant_id":"owned","input":{"name":"Ada"}}"""))
            .ShouldBe(HttpStatusCode.UnprocessableEntity).Text.ShouldContain("'city'");
    }

    [Fact]
    public async Task The_schema_has_the_names_that_clients_see()
    {
        await using var server = await TestServer.StartAsync(add: Add(Owned()));
        var assistants = (await server.Root.PostAsync("/assistants/search", """{"graph_id":"owned"}""")).Json;

        var schemas = (await server.Root.GetAsync($"/assistants/{assistants[0].Text("assistant_id")}/schemas")).ShouldBeOk().Json;

        var person = schemas.GetProperty("input_schema").GetProperty("properties").GetProperty("person");
        person.GetProperty("properties").Names().ShouldBe(["name", "age", "day"]);
        person.GetProperty("required").Strings().ShouldBe(["name", "age", "day"]);
    }

    [Fact]
    public async Task A_thread_that_an_earlier_version_stored_continues()
    {
        using var folder = new TempFolder();
        string thread;
        // As channels without metadata were stored: with the names of the type, and enums as numbers.
        await using (var before = await TestServer.StartAsync(folder.Path, add: Add(Owned(GraphJson.TypeInfo<Person>()))))
        {
            thread = await before.Root.NewThreadAsync();
            (await before.Root.PostAsync(Path(thread), Input("""{"Name":"Ada","Age":36,"Day":5}"""))).ShouldBeOk().Json
                .GetProperty("person").GetRawText().ShouldBe("""{"Name":"Ada","Age":36,"Day":5}""");
        }

        await using var server = await TestServer.StartAsync(folder.Path, add: Add(Owned()));

        (await server.Root.GetAsync($"/threads/{thread}/state")).ShouldBeOk().Json.GetProperty("values").GetProperty("person").GetRawText()
            .ShouldBe("""{"name":"Ada","age":36,"day":"Friday"}""");
        var next = (await server.Root.PostAsync(Path(thread), """{"assistant_id":"owned","input":{"years":1}}""")).ShouldBeOk().Json;
        next.GetProperty("person").GetRawText().ShouldBe("""{"name":"Ada","age":37,"day":"Friday"}""");
    }

    [Fact]
    public async Task A_question_has_the_schema_of_its_answer_also_after_a_restart()
    {
        const string Schema =
            """{"type":"object","properties":{"approved":{"type":"boolean"},"reason":{"type":["string","null"],"default":null}},"required":["approved"]}""";
        using var folder = new TempFolder();
        string thread;
        await using (var before = await TestServer.StartAsync(folder.Path, add: weft => weft.AddGraph("asked", Asked())))
        {
            thread = await before.Root.NewThreadAsync();
            var asked = (await before.Root.PostAsync(Path(thread), """{"assistant_id":"asked","input":{}}""")).ShouldBeOk().Json;
            asked.GetProperty("__interrupt__")[0].GetProperty("value").GetRawText().ShouldBe("\"Pay?\"");
            asked.GetProperty("__interrupt__")[0].GetProperty("response_schema").GetRawText().ShouldBe(Schema);
        }

        await using var server = await TestServer.StartAsync(folder.Path, add: weft => weft.AddGraph("asked", Asked()));

        var state = (await server.Root.GetAsync($"/threads/{thread}/state")).ShouldBeOk().Json;
        state.GetProperty("tasks")[0].GetProperty("interrupts")[0].GetProperty("response_schema").GetRawText().ShouldBe(Schema);
        (await server.Root.GetAsync($"/threads/{thread}")).Json.GetProperty("interrupts").EnumerateObject().Single().Value[0]
            .GetProperty("response_schema").GetRawText().ShouldBe(Schema);
        (await server.Root.PostAsync(Path(thread), """{"assistant_id":"asked","command":{"resume":{"approved":true}}}""")).ShouldBeOk().Json
            .GetProperty("paid").GetBoolean().ShouldBeTrue();
    }

    private static string Path(string thread) => $"/threads/{thread}/runs/wait";

    private static string Input(string person) => $$$"""{"assistant_id":"owned","input":{"person":{{{person}}}}}""";

    private static Action<WeftBuilder> Add(CompiledGraph graph) => weft => weft.AddGraph("owned", graph);

    private static CompiledGraph Owned(JsonTypeInfo<Person>? typeInfo = null)
    {
        var person = Channel.LastValue("person", typeInfo);
        var years = Channel.Ephemeral<int>("years");
        return new StateGraph()
            .AddChannels(person, years)
            .AddNode("age", context =>
            {
                var now = context.Get(person)!;
                return new StateUpdate().Set(person, now with { Age = now.Age + context.Get(years) });
            })
            .AddEdge(StateGraph.Start, "age")
            .Compile();
    }

    private static CompiledGraph Asked()
    {
        var paid = Channel.LastValue<bool>("paid");
        return new StateGraph()
            .AddChannel(paid)
            .AddNode("ask", context => new StateUpdate().Set(paid, context.Interrupt<string, Decision>("Pay?").Approved))
            .AddEdge(StateGraph.Start, "ask")
            .Compile();
    }

    private static CompiledGraph CardGraph(string kind) => kind switch
    {
        "options" => Holding(typeInfo: null),
        "metadata" => Holding(CardJson.Default.Card),
        "record" => Wallet.CreateGraph().AddNode("same", _ => new()).AddEdge(StateGraph.Start, "same").Compile(),
        _ => Workflow.Create<Card, Card>("same", (card, _, _) => Task.FromResult(card)),
    };

    private static CompiledGraph Holding(JsonTypeInfo<Card>? typeInfo) => new StateGraph()
        .AddChannel(Channel.LastValue("card", typeInfo))
        .AddNode("same", _ => StateUpdate.None)
        .AddEdge(StateGraph.Start, "same")
        .Compile();

    private static CompiledGraph Greeting<T>(Func<T, string> nameOf) =>
        Workflow.Create<T, Dictionary<string, string>>("greeting", (guest, context, _) =>
        {
            context.Interrupt("Let them in?");
            return Task.FromResult(new Dictionary<string, string> { ["hello"] = nameOf(guest) });
        });

    private sealed record OldGuest(string Name);

    private sealed record Guest(string Name, string City);

    private sealed record Person
    {
        public Person(string name, int age, DayOfWeek day)
        {
            if (age < 0)
            {
                throw new ArgumentException("unborn", nameof(age));
            }

            (Name, Age, Day) = (name, age, day);
        }

        public string Name { get; init; }

        public int Age { get; init; }

        public DayOfWeek Day { get; init; }
    }

    private sealed record Decision(bool Approved, string? Reason = null);
}
