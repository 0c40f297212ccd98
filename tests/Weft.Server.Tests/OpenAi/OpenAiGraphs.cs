using System.Text;
using System.Text.Json;
using Weft.Graphs;

namespace Weft.Server.Tests.OpenAi;

/// <summary>Graphs that do what chats need: call a client's tools, stream as models do, ask, fail.</summary>
internal static class OpenAiGraphs
{
    /// <summary>
    /// Calls the first tool of the client, then says what the tool answered. Without tools it says how it is configured.
    /// </summary>
    public static CompiledGraph Tooling()
    {
        var messages = Channel.Messages();
        return new StateGraph().AddChannel(messages)
            .AddNode("model", context =>
            {
                var last = context.Get(messages)[^1];
                return new StateUpdate().Add(
                    messages,
                    last.Type == "tool" ? Message.Ai("The tool said " + last.Text)
                    : context.Configurable.TryGetProperty("tools", out var tools) ? Message.Ai(
                        "", "call-message", [new ToolCall(NameOf(tools[0]), GraphJson.ToElement(new { q = last.Text }), "call-1")])
                    : Message.Ai(context.Configurable.GetRawText()));
            })
            .AddEdge(StateGraph.Start, "model").Compile();
    }

    /// <summary>Streams reasoning and two pieces of text, and says how many tokens it took. It stops early if told "long".</summary>
    public static CompiledGraph Thinking()
    {
        var messages = Channel.Messages();
        return new StateGraph().AddChannel(messages)
            .AddNode("model", context =>
            {
                var reason = context.Get(messages)[^1].Text == "long" ? "length" : "stop";
                var id = "m-" + context.TaskId;
                void Emit(string members) => context.Messages.Emit(
                    id, Encoding.UTF8.GetBytes($$"""{"type":"AIMessageChunk","id":"{{id}}",""" + members + "}"));
                Emit("\"content\":[{\"type\":\"reasoning\",\"reasoning\":\"Hm.\",\"index\":0}]");
                var text = context.Messages.BeginText(
                    id, Encoding.UTF8.GetBytes($$"""{"type":"AIMessageChunk","id":"{{id}}","content":"""), "}"u8);
                text.Emit("Größe ");
                text.Emit("😀");
                Emit($$$"""
                    "content":"","usage_metadata":{"input_tokens":9,"output_tokens":4,"total_tokens":13,
                    "input_token_details":{"cache_read":2},"output_token_details":{"reasoning":1}},
                    "response_metadata":{"finish_reason":"{{{reason}}}"},"chunk_position":"last"
                    """);
                return new StateUpdate().Add(messages, Message.FromJson(JsonElement.Parse(
                    $$$"""
                    {"type":"ai","id":"{{{id}}}","content":[{"type":"reasoning","reasoning":"Hm."},{"type":"text","text":"Größe 😀"}],
                     "usage_metadata":{"input_tokens":9,"output_tokens":4,"total_tokens":13,
                     "input_token_details":{"cache_read":2},"output_token_details":{"reasoning":1}},
                     "response_metadata":{"finish_reason":"{{{reason}}}"}}
                    """)));
            })
            .AddEdge(StateGraph.Start, "model").Compile();
    }

    /// <summary>Calls a tool of its own and then answers, as an agent does.</summary>
    public static CompiledGraph Agent()
    {
        var messages = Channel.Messages();
        return new StateGraph().AddChannel(messages)
            .AddNode("model", _ => new StateUpdate().Add(
                messages, Message.Ai("Let me look.", toolCalls: [new ToolCall("look", JsonElement.Parse("""{"q":1}"""), "c-1")])))
            .AddNode("tools", _ => new StateUpdate().Add(messages, Message.Tool("42", "c-1", "look")))
            .AddNode("answer", _ => new StateUpdate().Add(messages, Message.Ai("It is 42.")))
            .AddEdge(StateGraph.Start, "model").AddEdge("model", "tools").AddEdge("tools", "answer").Compile();
    }

    /// <summary>Asks "which one?", and says what was chosen.</summary>
    public static CompiledGraph Choosing()
    {
        var messages = Channel.Messages();
        return new StateGraph().AddChannel(messages)
            .AddNode("ask", context => new StateUpdate().Add(messages, Message.Ai("you chose " + context.Interrupt("which one?"))))
            .AddEdge(StateGraph.Start, "ask").Compile();
    }

    /// <summary>Two models that speak at the same time, piece by piece.</summary>
    public static CompiledGraph Duet()
    {
        var messages = Channel.Messages();
        var graph = new StateGraph().AddChannel(messages);
        var turns = new[] { new SemaphoreSlim(1), new SemaphoreSlim(0) };
        foreach (var (own, other) in (ReadOnlySpan<(int, int)>)[(0, 1), (1, 0)])
        {
            graph.AddNode($"voice{own}", async (context, stop) =>
            {
                var text = context.Messages.BeginText(
                    $"v{own}", Encoding.UTF8.GetBytes($$"""{"type":"AIMessageChunk","id":"v{{own}}","content":"""), "}"u8);
                for (var i = 0; i < 3; i++)
                {
                    await turns[own].WaitAsync(stop);
                    text.Emit($"{own}{i} ");
                    turns[other].Release();
                }

                return new StateUpdate().Add(messages, Message.Ai($"{own}0 {own}1 {own}2 ", $"v{own}"));
            }).AddEdge(StateGraph.Start, $"voice{own}");
        }

        return graph.Compile();
    }

    /// <summary>Fails.</summary>
    public static CompiledGraph Broken()
    {
        var messages = Channel.Messages();
        return new StateGraph().AddChannel(messages)
            .AddNode("break", NodeResult (_) => throw new InvalidOperationException("The tap is closed."))
            .AddEdge(StateGraph.Start, "break").Compile();
    }

    private static string NameOf(JsonElement tool) => tool.GetProperty("function").Text("name");
}
