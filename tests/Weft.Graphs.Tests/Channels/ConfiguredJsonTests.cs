using System.Text.Json;

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
    public async Task The_input_and_the_output_of_a_workflow()
    {
        var graph = Workflow.Create<Place, Place>("same", (place, _, _) => Task.FromResult(place));

        var done = await graph.RunAsync(GraphInput.Of(Mill), cancellationToken: Stop);

        Workflow.OutputOf(done.Values).ToString().ShouldBe("""{"street_name":"Mill Lane"}""");
        Workflow.OutputOf<Place>(done.Values).ShouldBe(Mill);
    }

    private sealed record Place(string StreetName);
}
