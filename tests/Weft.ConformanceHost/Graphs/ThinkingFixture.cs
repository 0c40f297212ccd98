using System.Text;
using Weft.Graphs;

namespace Weft.ConformanceHost.Graphs;

/// <summary>Streams reasoning before its answer, in pieces, as a model does that thinks first.</summary>
internal static class ThinkingFixture
{
    private const string Thought = """{"type":"reasoning","reasoning":"Let me see.","index":0}""";
    private const string Answer = """{"type":"text","text":"It is 42.","index":1}""";

    public static CompiledGraph Create()
    {
        var messages = Channel.Messages();

        NodeResult Think(NodeContext context)
        {
            var id = $"thinking-{Guid.CreateVersion7()}";
            foreach (var piece in (ReadOnlySpan<string>)[
                """{"type":"reasoning","reasoning":"Let me ","index":0}""",
                """{"type":"reasoning","reasoning":"see.","index":0}""",
                """{"type":"text","text":"It is ","index":1}""",
                """{"type":"text","text":"42.","index":1}"""])
            {
                context.Messages.Emit(id, Encoding.UTF8.GetBytes($$"""{"type":"AIMessageChunk","id":"{{id}}","content":[{{piece}}]}"""));
            }

            var whole = $$"""{"type":"ai","id":"{{id}}","content":[{{Thought}},{{Answer}}]}""";
            return new StateUpdate().Add(messages, Message.FromJson(GraphJson.Parse(Encoding.UTF8.GetBytes(whole))));
        }

        return new StateGraph()
            .AddChannel(messages)
            .AddNode("think", Think)
            .AddEdge(StateGraph.Start, "think")
            .Compile(new CompileOptions { Name = "thinking" });
    }
}
