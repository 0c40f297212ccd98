using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Graphs.Tests.Channels;

/// <summary>What follows the options of the process.</summary>
[Collection(ConfiguredJson.Name)]
public sealed class ConfiguredJsonTests : IDisposable
{
    private static readonly Place Mill = new("Mill Lane");

    public ConfiguredJsonTests() => GraphJson.Configure(json => json.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => GraphJson.Configure(_ => { });

    [Fact]
    public async Task An_answer()
    {
        var place = Channel.LastValue<Place>("place");
        var graph = new StateGraph()
            .AddChannel(place)
            .AddNode("ask", context => new StateUpdate().Set(place, context.Interrupt<string, Place>("Where?")))
            .AddEdge(StateGraph.Start, "ask")
            .Compile();
        var thread = new ThreadUnderTest(graph);
        await thread.RunAsync(StateUpdate.None);
        var answer = Command.ResumeWith(Mill);

        var done = await thread.RunAsync(answer);

        answer.Resume.ToString().ShouldBe("""{"street_name":"Mill Lane"}""");
        done.Values.Get(place).ShouldBe(Mill);
    }

    [Fact]
    public async Task The_input_of_a_send()
    {
        var streets = Channel.List<string>("streets");
        var send = Send.Of("visit", Mill);
        var graph = new StateGraph()
            .AddChannel(streets)
            .AddNode("visit", context => new StateUpdate().Add(streets, context.GetInput<Place>().StreetName))
            .AddConditionalEdges(StateGraph.Start, _ => [send], ["visit"])
            .Compile();

        var done = await graph.RunAsync(StateUpdate.None, cancellationToken: Stop);

        send.Input.ToString().ShouldBe("""{"street_name":"Mill Lane"}""");
        done.Values.Get(streets).ShouldBe(["Mill Lane"]);
    }

    [Fact]
    public async Task Members_of_sends_and_inputs_are_channels_by_their_names_as_declared()
    {
        var street = Channel.LastValue<string>("StreetName");
        var mill = Channel.LastValue<Place>("OldMill");
        var seen = Channel.List<string>("seen");
        NodeResult See(NodeContext context) => new StateUpdate().Add(seen, $"{context.Get(street)} {context.Get(mill)?.StreetName}");
        var inside = new StateGraph().AddChannels(street, mill, seen).AddNode("see", See).AddEdge(StateGraph.Start, "see").Compile();
        var graph = new StateGraph()
            .AddChannels(street, mill, seen)
            .AddNode("see", See)
            .AddNode("inside", inside)
            .AddConditionalEdges(
                StateGraph.Start,
                _ => (Destination[])
                [
                    "see",
                    Send.Of("see", new { StreetName = "sent", OldMill = Mill }),
                    Send.Of("inside", new { StreetName = "deep", OldMill = Mill }),
                ],
                ["see", "inside"])
            .Compile();

        var done = await graph.RunAsync(GraphInput.Of(new { StreetName = "given", OldMill = Mill }), cancellationToken: Stop);

        done.Values.Get(seen).ShouldBe(["given Mill Lane", "sent Mill Lane", "deep Mill Lane"], ignoreOrder: true);
    }

    [Fact]
    public async Task An_input_that_is_a_list()
    {
        var graph = Workflow.Create<List<Place>, string>("first", (places, _, _) => Task.FromResult(places[0].StreetName));

        var done = await graph.RunAsync(GraphInput.Of<List<Place>>([Mill]), cancellationToken: Stop);

        Workflow.OutputOf<string>(done.Values).ShouldBe("Mill Lane");
    }

    [Fact]
    public void Names_are_as_declared_without_a_naming_policy()
    {
        GraphJson.Configure(json => json.Converters.Add(new PlaceConverter()));

        Send.Of("visit", new { Where = Mill }).Input.ToString().ShouldBe("""{"Where":"Mill Lane"}""");
        Command.ResumeWith(new { Where = Mill }).Resume.ToString().ShouldBe("""{"Where":"Mill Lane"}""");
    }

    [Fact]
    public async Task The_input_and_the_output_of_a_workflow()
    {
        var graph = Workflow.Create<Place, Place>("same", (place, _, _) => Task.FromResult(place));

        var done = await graph.RunAsync(GraphInput.Of(Mill), cancellationToken: Stop);

        Workflow.OutputOf(done.Values).ToString().ShouldBe("""{"street_name":"Mill Lane"}""");
        Workflow.OutputOf<Place>(done.Values).ShouldBe(Mill);
    }

    private sealed record Place(string StreetName);

    private sealed class PlaceConverter : JsonConverter<Place>
    {
        public override Place Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            new(reader.GetString()!);

        public override void Write(Utf8JsonWriter writer, Place value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.StreetName);
    }
}
