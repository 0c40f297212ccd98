using System.Text.Json;
using System.Text.Json.Serialization;
using Weft.Agents;
using Weft.ConformanceHost.Models;
using Weft.Graphs;

namespace Weft.ConformanceHost.Graphs;

/// <summary>An agent that sends its tool the last message alone, in place of the state.</summary>
internal static partial class AgentSimpleFixture
{
    public static CompiledGraph Create(string? folder)
    {
        var messages = Channel.Messages();
        var models = new ModelPerThread(folder, "begin", "end\u2028");

        async Task<NodeResult> CallModelAsync(NodeContext context, CancellationToken cancellationToken)
        {
            if (context.GetConfigurable("x-configurable-header") is { } header)
            {
                return new StateUpdate().Add(messages, "end: " + header);
            }

            ItemNamespace place = [context.GetConfigurable("langgraph_auth_user_id") ?? "ALL"];
            if (await context.Store.FindAsync(place, "key_one", cancellationToken: cancellationToken) is null)
            {
                await context.Store.PutAsync(
                    place,
                    "key_one",
                    GraphJson.ToElement(new SaidItem(context.Get(messages)[^1].Text)),
                    cancellationToken: cancellationToken);
            }

            var answer = await models.Of(context).GetMessageAsync(context.Get(messages), null, cancellationToken);
            if (context.Services?.GetService<ILoggerFactory>() is { } loggers)
            {
                LogCalled(loggers.CreateLogger("agent_simple"));
            }

            return new StateUpdate().Add(messages, answer);
        }

        Destination Next(NodeContext context)
        {
            var last = context.Get(messages)[^1];
            return last.Text.StartsWith("end", StringComparison.Ordinal) ? StateGraph.End : Send.Of("tool", last);
        }

        NodeResult CallTool(NodeContext context) =>
            new StateUpdate().Add(messages, Message.Tool("tool_call__" + Message.FromJson(context.Input!.Value).Text, "tool_call_id"));

        return new StateGraph()
            .AddChannel(messages)
            .AddChannels(
                Channel.LastValue<JsonElement>("key_one"),
                Channel.LastValue<JsonElement>("key_two"),
                Channel.LastValue<JsonElement>("sleep"))
            .AddNode("agent", CallModelAsync)
            .AddNode("tool", CallTool)
            .AddEdge(StateGraph.Start, "agent")
            .AddConditionalEdges("agent", Next, ["tool", StateGraph.End])
            .AddEdge("tool", "agent")
            .Compile(new CompileOptions { Name = "agent_simple" });
    }

    private sealed record SaidItem([property: JsonPropertyName("text")] string Text);

    [LoggerMessage(LogLevel.Warning, "The model was called.")]
    private static partial void LogCalled(ILogger logger);
}
