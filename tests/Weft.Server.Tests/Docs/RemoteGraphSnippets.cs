using Weft.Graphs;
using Weft.RemoteGraphs;
using Channel = Weft.Graphs.Channel;

namespace Weft.Server.Tests.Docs;

/// <summary>Code of <c>docs/remote-graphs.md</c>, run as it stands there.</summary>
public sealed class RemoteGraphSnippets
{
    [Fact]
    public async Task A_remote_graph_is_a_node()
    {
        await using var server = await TestServer.StartAsync(
            add: weft => weft.AddGraph("researcher", TestGraphs.Echo()));
        var (address, apiKey) = (server.Root.BaseAddress, "secret");

        // snippet: remote-graph
        var messages = Channel.Messages();
        var graph = new StateGraph()
            .AddChannel(messages)
            .AddNode("research", new RemoteGraph(address, "researcher", new RemoteGraphOptions { ApiKey = apiKey }))
            .AddNode("thank", _ => new StateUpdate().Add(messages, Message.Ai("Thank you!")))
            .AddEdge(StateGraph.Start, "research")
            .AddEdge("research", "thank")
            .Compile();
        // end

        var result = await graph.RunAsync(
            new StateUpdate().Add(messages, "Rome?"), cancellationToken: TestContext.Current.CancellationToken);
        result.Values.Get(messages)!.Select(message => message.Text).ShouldBe(["Rome?", "echo: Rome?", "Thank you!"]);
    }
}
