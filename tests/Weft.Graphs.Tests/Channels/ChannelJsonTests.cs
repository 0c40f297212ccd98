using System.Text;
using System.Text.Json;

namespace Weft.Graphs.Tests.Channels;

public sealed class ChannelJsonTests
{
    private static readonly LastValueChannel<Person> Owner = Channel.LastValue<Person>("owner");
    private static readonly ListChannel<Person> People = Channel.List<Person>("people");
    private static readonly ReducerChannel<Person> Eldest =
        Channel.Reducer("eldest", new Person("nobody", 0, DayOfWeek.Monday), (one, other) => other.Age > one.Age ? other : one);

    [Theory]
    [InlineData("""{"name":"Ada","age":36,"day":"Friday"}""")]
    [InlineData("""{"Name":"Ada","AGE":36,"Day":"friday"}""")]
    [InlineData("""{"name":"Ada","age":36,"day":5}""")]
    public void Values_are_read_without_regard_to_case_and_written_in_one(string json)
    {
        foreach (var channel in (StateChannel[])[Owner, Eldest])
        {
            Written(channel, channel.ReadInput(JsonElement.Parse(json))).ShouldBe("""{"name":"Ada","age":36,"day":"Friday"}""");
        }

        Written(People, People.ValueOf(People.ReadInput(JsonElement.Parse($"[{json}]")))).ShouldBe("""[{"name":"Ada","age":36,"day":"Friday"}]""");
    }

    [Theory]
    [InlineData("""{"name":"Ada","age":36}""", "The value for 'owner' is not a Person: ", "'day'")]
    [InlineData("""{"name":null,"age":36,"day":"Friday"}""", "owner", "name")]
    [InlineData("""{"name":"Ada","age":36,"day":"Friday","yaer":1}""", "owner.yaer: ", "'yaer'")]
    [InlineData("""{"name":"Ada","age":"old","day":"Friday"}""", "owner.age: ", "could not be converted")]
    [InlineData("""{"name":"Ada","age":36,"day":"Someday"}""", "owner.day: ", "could not be converted")]
    [InlineData("3", "The value for 'owner' is not a Person: ", "Person")]
    public void A_wrong_member_of_an_input_is_an_error_that_names_it(string json, string start, string part)
    {
        var message = Should.Throw<InvalidUpdateException>(() => Owner.ReadInput(JsonElement.Parse(json))).Message;

        message.ShouldStartWith(start);
        message.ShouldContain(part);
        message.ShouldNotContain("LineNumber");
    }

    [Theory]
    [InlineData("""{"Name":"Ada","Age":36,"Day":5}""", "Ada", 36, DayOfWeek.Friday)]
    [InlineData("""{"name":"Ada","age":36,"day":"Friday","older":true}""", "Ada", 36, DayOfWeek.Friday)]
    [InlineData("""{"Name":null,"Age":36}""", null, 36, DayOfWeek.Sunday)]
    public void What_earlier_versions_stored_is_read(string stored, string? name, int age, DayOfWeek day)
    {
        var bytes = Encoding.UTF8.GetBytes(stored);
        var list = Encoding.UTF8.GetBytes($"[{stored}]");

        Owner.ReadStored(bytes).ShouldBe(new Person(name!, age, day));
        ((IReadOnlyList<Person>)People.ReadStored(list)).ShouldBe([new Person(name!, age, day)]);
    }

    [Fact]
    public void A_channel_with_metadata_of_its_own_keeps_to_it()
    {
        var channel = Channel.LastValue("owner", GraphJson.TypeInfo<Person>());

        Written(channel, channel.ReadInput(JsonElement.Parse("""{"Name":"Ada","Day":5}"""))).ShouldBe("""{"Name":"Ada","Age":0,"Day":5}""");
    }

    [Fact]
    public async Task A_workflow_reads_and_writes_the_same_way()
    {
        var graph = Workflow.Create<Person, Person>("older", (person, _, _) => Task.FromResult(person with { Age = person.Age + 1 }));

        async Task<string> RunAsync(string input) => Workflow.OutputOf((await graph.RunAsync(
            ThreadUnderTest.Json(input), cancellationToken: TestContext.Current.CancellationToken)).Values).GetRawText();

        (await RunAsync("""{"NAME":"Ada","age":36,"day":"friday"}""")).ShouldBe("""{"name":"Ada","age":37,"day":"Friday"}""");
        (await Should.ThrowAsync<InvalidUpdateException>(() => RunAsync("""{"name":"Ada"}"""))).Message
            .ShouldStartWith("The input of the workflow 'older' is not a Person: ");
        (await Should.ThrowAsync<InvalidUpdateException>(() => RunAsync("""{"name":"Ada","age":36,"day":"Friday","yaer":1}"""))).Message
            .ShouldStartWith("The input of the workflow 'older' is wrong at 'yaer': ");
    }

    [Fact]
    public async Task A_workflow_that_waits_continues_with_the_input_that_an_earlier_version_stored()
    {
        var before = new ThreadUnderTest(Asking<Draft>(draft => draft.Topic));
        (await before.RunAsync("""{"topic":"looms"}""")).Interrupts.Count.ShouldBe(1);

        // The type has a member more by now, which may not be missing in a new input.
        var after = new ThreadUnderTest(Asking<NewDraft>(draft => $"{draft.Topic} by {draft.Author ?? "nobody"}"))
        {
            Checkpointer = before.Checkpointer,
        };

        Workflow.OutputOf((await after.ResumeAsync("true")).Values).GetString().ShouldBe("looms by nobody");
        (await Should.ThrowAsync<InvalidUpdateException>(() => after.RunAsync("""{"topic":"looms"}"""))).Message.ShouldContain("'author'");
    }

    [Fact]
    public async Task A_wrong_input_of_a_workflow_is_not_stored()
    {
        var thread = new ThreadUnderTest(Asking<NewDraft>(draft => draft.Author));

        await Should.ThrowAsync<InvalidUpdateException>(() => thread.RunAsync("""{"topic":"looms"}"""));

        await Should.ThrowAsync<EmptyInputException>(() => thread.ContinueAsync());
    }

    [Fact]
    public async Task A_workflow_inside_a_graph_reads_what_it_knows_of_the_state()
    {
        var topic = Channel.LastValue<string>("topic");
        var other = Channel.LastValue<int>("other");
        var title = Channel.LastValue<string>("title");
        var name = Workflow.Create<Draft, Dictionary<string, string>>(
            "name", (draft, _, _) => Task.FromResult(new Dictionary<string, string> { ["title"] = $"On {draft.Topic}" }));
        var graph = new StateGraph().AddChannels(topic, other, title).AddNode("name", name).AddEdge(StateGraph.Start, "name").Compile();

        var result = await graph.RunAsync(
            new StateUpdate().Set(topic, "looms").Set(other, 3), cancellationToken: TestContext.Current.CancellationToken);

        result.Values.Get(title).ShouldBe("On looms");
    }

    private static CompiledGraph Asking<T>(Func<T, string> describe) => Workflow.Create<T, string>("asking", (draft, context, _) =>
    {
        context.Interrupt("Go on?");
        return Task.FromResult(describe(draft));
    });

    private static string Written(StateChannel channel, object value) =>
        Encoding.UTF8.GetString(GraphJson.Encode((channel, value), static (writer, s) => s.channel.WriteValue(writer, s.value)));

    private sealed record Draft(string Topic);

    private sealed record NewDraft(string Topic, string Author);

    private sealed record Person(string Name, int Age, DayOfWeek Day);
}
