using System.Text;
using System.Text.Json;
using Weft.Graphs;

namespace Weft.Server.Tests;

/// <summary>Graphs that show something in every channel of the second protocol.</summary>
internal static class StreamingGraphs
{
    /// <summary>Two nodes that ask at the same time.</summary>
    public static CompiledGraph AskingBoth()
    {
        var answers = Channel.List<string>("answers");
        return new StateGraph().AddChannel(answers)
            .AddNode("left", context => new StateUpdate().Add(answers, $"left {context.Interrupt("left?")}"))
            .AddNode("right", context => new StateUpdate().Add(answers, $"right {context.Interrupt("right?")}"))
            .AddEdge(StateGraph.Start, "left").AddEdge(StateGraph.Start, "right").Compile();
    }

    /// <summary>Writes to the stream, streams a message with text, reasoning and a call, and calls a tool that fails if told to.</summary>
    public static CompiledGraph Showing()
    {
        var messages = Channel.Messages();
        var fail = Channel.LastValue<bool>("fail");
        return new StateGraph()
            .AddChannels(messages, fail)
            .AddNode("model", context =>
            {
                context.Write(JsonElement.Parse("""{"percent":10}"""));
                context.Write(JsonElement.Parse("50"), channel: "progress");
                Stream(context, ends: !context.Get(fail));
                return context.Get(fail) ? throw new InvalidOperationException("The model is gone.") : new StateUpdate()
                    .Add(messages, Message.Ai("Rome is", "m-1", [new ToolCall("look", JsonElement.Parse("""{"q":"rome"}"""), "call-1")]));
            })
            .AddNode("tools", context =>
            {
                var call = context.Get(messages)[^1].ToolCalls[0];
                var tool = context.StartTool(call);
                tool?.Report(JsonElement.Parse("\"half\""));
                tool?.Report(JsonElement.Parse("""{"done":true}"""));
                var result = Message.Tool("42", call.Id!, "look", id: "t-1");
                tool?.End(result);
                return new StateUpdate().Add(messages, result);
            })
            .AddEdge(StateGraph.Start, "model").AddEdge("model", "tools").AddEdge("tools", StateGraph.End).Compile();
    }

    /// <summary>Returns a message with an image.</summary>
    public static CompiledGraph Drawing()
    {
        var messages = Channel.Messages();
        var drawn = Message.FromJson(JsonElement.Parse(
            """{"type":"ai","id":"m-1","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0K"}}]}"""));
        return new StateGraph().AddChannel(messages)
            .AddNode("draw", _ => new StateUpdate().Add(messages, drawn))
            .AddEdge(StateGraph.Start, "draw").Compile();
    }

    /// <summary>Streams as a model does: reasoning, text piece by piece, a call in pieces, then how it ended.</summary>
    private static void Stream(NodeContext context, bool ends)
    {
        var model = new ModelInfo("acme", "small");
        void Emit(string members) => context.Messages.Emit(
            "m-1", Encoding.UTF8.GetBytes("""{"type":"AIMessageChunk","id":"m-1",""" + members + "}"), model);

        Emit("\"content\":[{\"type\":\"reasoning\",\"reasoning\":\"Hm.\",\"index\":0}]");
        var text = context.Messages.BeginText("m-1", "{\"type\":\"AIMessageChunk\",\"id\":\"m-1\",\"content\":"u8, "}"u8, model);
        text.Emit("Rome ");
        text.Emit("is");
        Emit("\"content\":\"\",\"tool_call_chunks\":[{\"id\":\"call-1\",\"name\":\"look\",\"args\":\"{\\\"q\\\":\",\"index\":0}]");
        Emit("\"content\":\"\",\"tool_call_chunks\":[{\"id\":null,\"name\":null,\"args\":\"\\\"rome\\\"}\",\"index\":0}]");
        if (ends)
        {
            Emit("\"content\":\"\",\"usage_metadata\":{\"input_tokens\":9,\"output_tokens\":4,\"total_tokens\":13},"
                + "\"response_metadata\":{\"finish_reason\":\"tool_calls\"},\"chunk_position\":\"last\"");
        }
    }
}
