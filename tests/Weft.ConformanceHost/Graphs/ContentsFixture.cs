using Weft.Agents;
using Weft.ConformanceHost.Models;
using Weft.Graphs;

namespace Weft.ConformanceHost.Graphs;

/// <summary>A conversation with <see cref="ContentsChatClient"/>. Its calls are not made.</summary>
internal static class ContentsFixture
{
    public static CompiledGraph Create()
    {
        var messages = Channel.Messages();
        var model = new ContentsChatClient().StreamToGraph();
        return new StateGraph()
            .AddChannel(messages)
            .AddNode("model", async (context, cancellationToken) =>
                new StateUpdate().Add(messages, await model.GetMessageAsync(context.Get(messages), cancellationToken: cancellationToken)))
            .AddEdge(StateGraph.Start, "model")
            .AddEdge("model", StateGraph.End)
            .Compile(new CompileOptions { Name = "contents" });
    }
}
