using System.Text.Json;
using System.Text.Json.Serialization;
using Weft.Agents;
using Weft.ConformanceHost.Models;
using Weft.Graphs;

namespace Weft.ConformanceHost.Graphs;

/// <summary>An agent that can be told to interrupt and to sleep, and that calls its tool until its model says "end".</summary>
internal static class AgentFixture
{
    public static CompiledGraph Create()
    {
        var messages = Channel.Messages();
        var interrupt = Channel.LastValue<bool?>("interrupt");
        var sleep = Channel.LastValue<JsonElement>("sleep");
        var models = new ModelPerThread("begin", "end");

        async Task<NodeResult> CallModelAsync(NodeContext context, CancellationToken cancellationToken)
        {
            if (context.Get(interrupt) == true)
            {
                context.Interrupt("i want to interrupt");
            }

            var said = context.Get(messages);
            if (said is [.., { Type: "human" }])
            {
                await SleepAsync(context, context.Get(sleep), cancellationToken);
            }

            var answer = await models.Of(context).GetMessageAsync(said, null, cancellationToken);
            return new StateUpdate().Set(interrupt, false).Add(messages, answer);
        }

        Destination Next(NodeContext context)
        {
            var said = context.Get(messages);
            return said[0].Text == "should_end" ? StateGraph.End
                : said[0].Text == "___check_state_value" ? "checkSharedState"
                : said[^1].Text == "end" ? StateGraph.End
                : "tool";
        }

        NodeResult CallTool(NodeContext context) =>
            new StateUpdate().Add(messages, Message.Tool("tool_call__" + context.Get(messages)[^1].Text, "tool_call_id"));

        return new StateGraph()
            .AddChannels(messages, interrupt, sleep)
            .AddChannels(
                Channel.LastValue<JsonElement>("sharedStateValue"),
                Channel.LastValue<JsonElement>("keyOne"),
                Channel.LastValue<JsonElement>("keyTwo"),
                Channel.LastValue<JsonElement>("sharedStateFromStoreConfig"))
            .AddNode("agent", CallModelAsync)
            .AddNode("tool", CallTool)
            .AddNode("checkSharedState", CheckSharedState)
            .AddEdge(StateGraph.Start, "agent")
            .AddConditionalEdges("agent", Next, ["tool", "checkSharedState", StateGraph.End])
            .AddEdge("tool", "agent")
            .AddEdge("checkSharedState", StateGraph.End)
            .Compile();
    }

    /// <summary>A number of seconds, or <c>{"steps":n,"ms":m}</c>.</summary>
    private static async Task SleepAsync(NodeContext context, JsonElement sleep, CancellationToken cancellationToken)
    {
        if (sleep.ValueKind == JsonValueKind.Number)
        {
            await Task.Delay(TimeSpan.FromSeconds(sleep.GetDouble()), context.Time, cancellationToken);
        }
        else if (sleep.ValueKind == JsonValueKind.Object)
        {
            var pause = TimeSpan.FromMilliseconds(sleep.GetProperty("ms").GetDouble());
            var steps = sleep.GetProperty("steps").GetInt32();
            for (var step = 0; step < steps; step++)
            {
                context.Write(new SleepStep("sleep", step));
                await Task.Delay(pause, context.Time, cancellationToken);
            }
        }
    }

    /// <summary>What it is to find lies in the store, which the engine has no access to yet: there is never anything.</summary>
    private static NodeResult CheckSharedState(NodeContext context) =>
        throw new InvalidOperationException("The store has no item 'my_key' in inputtedState/data.");

    private sealed record SleepStep(
        [property: JsonPropertyName("type")] string Type,
        [property: JsonPropertyName("step")] int Step);
}
