using System.Text.Json;
using Weft.Graphs;
using Weft.RemoteGraphs;

namespace Weft.ConformanceHost.Graphs;

/// <summary>Graphs whose one node is a graph of another server.</summary>
internal static class RemoteFixture
{
    /// <summary>The graphs of the other server.</summary>
    private static readonly string[] Ids = ["speaks", "asks", "asks_twice", "fails", "sleeps"];

    /// <summary>Adds a graph for each of the other server, if the address of one is given.</summary>
    public static void Add(WeftBuilder weft, string? address)
    {
        if (address is not null)
        {
            foreach (var id in Ids)
            {
                weft.AddGraph($"remote_{id}", Create(new Uri(address), id));
            }
        }
    }

    private static CompiledGraph Create(Uri address, string id)
    {
        var rounds = Channel.LastValue<int>("rounds");
        var answers = Channel.LastValue<JsonElement>("answers");
        return new StateGraph()
            .AddChannels(Channel.Messages(), rounds, answers)
            .AddNode("remote", new RemoteGraph(address, id))
            .AddEdge(StateGraph.Start, "remote")
            .AddEdge("remote", StateGraph.End)
            .Compile();
    }
}
