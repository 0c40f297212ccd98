using System.Text.Json.Serialization;
using Weft.Agents;
using Weft.ConformanceHost.Models;
using Weft.Graphs;

namespace Weft.ConformanceHost.Graphs;

/// <summary>
/// A conversation with a model. The model repeats the text and the names of the files that it receives, and waits
/// <c>pace_ms</c> milliseconds before each word. If <c>note</c> is set, the graph also writes it to the custom channel <c>notes</c>.
/// </summary>
internal static class EchoFixture
{
    public static CompiledGraph Create()
    {
        var messages = Channel.Messages();
        var pace = Channel.LastValue<int>("pace_ms");
        var note = Channel.LastValue<string>("note");
        var model = new EchoChatClient(TimeProvider.System).StreamToGraph();

        async Task<NodeResult> AnswerAsync(NodeContext context, CancellationToken cancellationToken)
        {
            if (context.Get(note) is { } text)
            {
                context.Write(new Note(text), channel: "notes");
            }

            var answer = await model.GetMessageAsync(context.Get(messages), EchoChatClient.Options(context.Get(pace)), cancellationToken);
            return new StateUpdate().Add(messages, answer);
        }

        return new StateGraph()
            .AddChannels(messages, pace, note)
            .AddNode("model", AnswerAsync)
            .AddEdge(StateGraph.Start, "model")
            .AddEdge("model", StateGraph.End)
            .Compile(new CompileOptions { Name = "echo" });
    }

    private sealed record Note([property: JsonPropertyName("text")] string Text);
}
