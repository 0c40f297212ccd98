using System.Text.Json;
using Weft.Graphs;

namespace Weft.ConformanceHost.Graphs;

/// <summary>Calls the first tool that the client offers with what the user says, then says what the client answered.</summary>
internal static class ClientToolsFixture
{
    public static CompiledGraph Create()
    {
        var messages = Channel.Messages();
        return new StateGraph()
            .AddChannel(messages)
            .AddNode("model", context => new StateUpdate().Add(messages, Answer(context, context.Get(messages)[^1])))
            .AddEdge(StateGraph.Start, "model")
            .AddEdge("model", StateGraph.End)
            .Compile(new CompileOptions { Name = "client_tools" });
    }

    private static Message Answer(NodeContext context, Message last)
    {
        if (last.Type == "tool")
        {
            return Message.Ai($"The client answered {last.Text}.");
        }

        if (!context.Configurable.TryGetProperty("tools", out var tools))
        {
            return Message.Ai("The client has no tools.");
        }

        var name = tools[0].GetProperty("function").GetProperty("name").GetString()!;
        var arguments = JsonSerializer.SerializeToElement(new Dictionary<string, string> { ["query"] = last.Text });
        return Message.Ai("", toolCalls: [new ToolCall(name, arguments, $"call_{context.TaskId}")]);
    }
}
