using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Weft.Graphs;

namespace Weft.Runs.Tests.Runs;

/// <summary>A run is admitted only with what its graph accepts (docs/protocol/runs.md B5 and C7).</summary>
public sealed class RunPlannerTests
{
    private static readonly CompiledGraph Graph = new StateGraph().AddChannel(Channel.LastValue<int>("number"))
        .AddNode("node", _ => StateUpdate.None).AddEdge(StateGraph.Start, "node").Compile();

    private static readonly AssistantDirectory Assistants = new(
        [new GraphRegistration { GraphId = "talk", Graph = Graph }], TimeProvider.System);

    [Theory]
    [InlineData("input", """{"input":[1]}""")]
    [InlineData("command", """{"command":{"goto":"nobody"}}""")]
    [InlineData("command", """{"command":{"goto":{"no":"node"}}}""")]
    [InlineData("command", """{"command":{"update":{"number":"three"}}}""")]
    public void A_field_that_the_graph_refuses_is_named(string field, string request)
    {
        var json = JsonElement.Parse(request);
        JsonElement? Member(string name) => json.TryGetProperty(name, out var value) ? value : null;
        var refused = Should.Throw<WeftException>(() => Resolve(Spec with { Input = Member("input"), Command = Member("command") }));
        (refused.Kind, refused.Field).ShouldBe((ProblemKind.Invalid, field));
    }

    [Fact]
    public void Members_of_the_configuration_that_only_the_server_sets_are_removed()
    {
        var config = """{"tags":["t"],"configurable":{"a":1,"__pregel_x":2,"langgraph_auth_user":"root","LANGGRAPH_AUTH_user_id":3}}""";
        var resolved = Resolve(Spec with { Config = JsonElement.Parse(config) });
        resolved.Config.GetRawText().ShouldBe("""{"tags":["t"],"configurable":{"a":1}}""");
    }

    private static RunSpec Spec => new() { ThreadId = new ThreadId("t"), AssistantId = AssistantIds.ForGraph("talk") };

    private static RunSpec Resolve(RunSpec spec) =>
        new RunPlanner(Assistants, new(NullLogger<RunPlanner>.Instance)).Resolve(new Actor("me"), spec, null, Assistants.All.Single()).Spec;
}
