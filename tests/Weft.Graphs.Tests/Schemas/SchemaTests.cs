using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;
using static Weft.Graphs.Tests.TestGraphs;

namespace Weft.Graphs.Tests.Schemas;

public sealed class SchemaTests
{
    [Fact]
    public void Channels_become_properties_with_types_defaults_and_descriptions()
    {
        var graph = new StateGraph()
            .AddChannels(
                Channel.LastValue<Trip>("trip").Describe("Where to."),
                Channel.Reducer("count", 3, (sum, more) => sum + more),
                Channel.List<string>("notes"),
                Channel.LastValue<int?>("maybe"),
                Channel.LastValue<Mood?>("humour").WithLangGraphType("mood"),
                Channel.LastValue<JsonElement>("any"),
                Channel.Messages())
            .AddNode("n", _ => StateUpdate.None).Chain("n").Compile();
        graph.Schemas.State.GetProperty("$schema").GetString().ShouldBe("https://json-schema.org/draft/2020-12/schema");
        var properties = graph.Schemas.State.GetProperty("properties");
        properties.GetProperty("trip").GetRawText().ShouldBeJson("""
            {"type":"object","properties":{
               "city":{"type":"string","description":"The city."},
               "mood":{"type":"string","enum":["calm","wild"]},
               "next":{"type":["object","null"],"properties":{"city":{"type":"string","description":"The city."},"mood":{"type":"string","enum":["calm","wild"]},"next":{"$ref":"#/properties/trip/properties/next","default":null}},"required":["city","mood"],"default":null}},
             "required":["city","mood"],"description":"Where to."}
            """.Replace("\n", "", StringComparison.Ordinal));
        properties.GetProperty("count").GetRawText().ShouldBeJson("""{"type":"integer","default":3}""");
        properties.GetProperty("notes").GetRawText().ShouldBeJson("""{"type":"array","items":{"type":"string"}}""");
        properties.GetProperty("maybe").GetRawText().ShouldBeJson("""{"type":["integer","null"]}""");
        properties.GetProperty("humour")
            .GetRawText()
            .ShouldBeJson("""{"type":["string","null"],"enum":["calm","wild",null],"langgraph_type":"mood"}""");
        properties.GetProperty("any").GetRawText().ShouldBeJson("{}");
        properties.GetProperty("messages").GetProperty("langgraph_type").GetString().ShouldBe("messages");
    }

    [Fact]
    public void Input_output_context_and_configuration_are_as_declared()
    {
        var graph = New("n").Input(Name).Output(Count, Trail).Context<Trip>().Configurable<Settings>().Chain("n").Compile();
        NamesOf(graph.Schemas.Input).ShouldBe(["name"]);
        NamesOf(graph.Schemas.Output).ShouldBe(["count", "trail"]);
        NamesOf(graph.Schemas.State).ShouldBe(["name", "count", "trail", "messages"]);
        NamesOf(graph.Schemas.Context!.Value).ShouldBe(["city", "mood", "next"]);
        NamesOf(graph.Schemas.Config!.Value).ShouldBe(["Model"]);
    }

    [Fact]
    public async Task Input_for_other_channels_is_left_out_and_a_graph_around_gets_the_output_alone()
    {
        var inner = New()
            .AddNode("c", context => new StateUpdate().Add(Trail, "c").Set(Count, context.Get(Name) is null ? 1 : 100))
            .Input(Trail)
            .Output(Count)
            .Chain("c")
            .Compile();
        var thread = new ThreadUnderTest(New().AddNode("sub", inner).Chain("sub").Compile());
        var result = await thread.RunAsync("""{"name":"n","trail":["in"]}""");
        result.TrailOf().ShouldBe(["in"]);
        result.Values.Get(Count).ShouldBe(1);

        var alone = await new ThreadUnderTest(inner).RunAsync("""{"name":"n","trail":["in"]}""");
        alone.Values.Has(Name).ShouldBeFalse();
        alone.TrailOf().ShouldBe(["in", "c"], "the state shows every channel");
    }

    [Fact]
    public void A_channel_that_is_not_there_can_t_be_declared() =>
        Should.Throw<GraphBuildException>(() => New("n").Input(Channel.LastValue<string>("other")).Chain("n").Compile())
            .Message.ShouldContain("'other'");

    [Fact]
    public void A_workflow_has_the_schemas_of_its_types()
    {
        var schemas = Workflow.Create<string, Trip>("w", (_, _, _) => Task.FromResult(new Trip("Rome", Mood.Calm, null))).Schemas;
        schemas.Input.GetProperty("type").GetRawText().ShouldContain("string");
        NamesOf(schemas.Output).ShouldBe(["city", "mood", "next"]);
    }

    private static IEnumerable<string> NamesOf(JsonElement schema) =>
        schema.GetProperty("properties").EnumerateObject().Select(property => property.Name);

    [JsonConverter(typeof(JsonStringEnumConverter<Mood>))]
    private enum Mood
    {
        [JsonStringEnumMemberName("calm")]
        Calm,

        [JsonStringEnumMemberName("wild")]
        Wild,
    }

    private sealed record Trip(
        [property: JsonPropertyName("city"), Description("The city.")] string City,
        [property: JsonPropertyName("mood")] Mood Mood,
        [property: JsonPropertyName("next")] Trip? Next = null);

    private sealed record Settings(string Model);
}
