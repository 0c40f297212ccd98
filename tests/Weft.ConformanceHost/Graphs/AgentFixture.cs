using System.Text.Json;
using System.Text.Json.Serialization;
using Weft.Agents;
using Weft.ConformanceHost.Models;
using Weft.Graphs;

namespace Weft.ConformanceHost.Graphs;

/// <summary>An agent that can be told to interrupt and to sleep, and that calls its tool until its model says "end".</summary>
internal static class AgentFixture
{
    private const string SharedKey = "user_id";

    private static readonly ItemNamespace Shared = ["sharedState", "data"];

    public static CompiledGraph Create(string? folder)
    {
        var messages = Channel.Messages();
        var interrupt = Channel.LastValue<bool?>("interrupt");
        var sleep = Channel.LastValue<JsonElement>("sleep");
        var shared = Channel.LastValue<JsonElement>("sharedStateFromStoreConfig");
        var models = new ModelPerThread(folder, "begin", "end");

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
            if (!context.Has(shared) && context.GetConfigurable("user_id") is { } user)
            {
                await context.Store.PutAsync(
                    Shared, SharedKey, GraphJson.ToElement(new SharedItem(user)), cancellationToken: cancellationToken);
            }

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

        async Task<NodeResult> CallToolAsync(NodeContext context, CancellationToken cancellationToken)
        {
            var update = new StateUpdate().Add(messages, Message.Tool("tool_call__" + context.Get(messages)[^1].Text, "tool_call_id"));
            return context.GetConfigurable("user_id") is not null
                && await context.Store.FindAsync(Shared, SharedKey, cancellationToken: cancellationToken) is { } item
                ? update.Set(shared, item.Value)
                : update;
        }

        StateChannel[] output =
        [
            messages,
            interrupt,
            sleep,
            Channel.LastValue<JsonElement>("sharedStateValue"),
            Channel.LastValue<JsonElement>("keyOne"),
            Channel.LastValue<JsonElement>("keyTwo"),
        ];
        return new StateGraph()
            .AddChannels(output)
            .AddChannel(shared)
            .Output(output)
            .Configurable<Configuration>()
            .AddNode("agent", CallModelAsync)
            .AddNode("tool", CallToolAsync)
            .AddNode("checkSharedState", CheckSharedStateAsync)
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

    private static async Task<NodeResult> CheckSharedStateAsync(NodeContext context, CancellationToken cancellationToken) =>
        await context.Store.FindAsync(["inputtedState", "data"], "my_key", cancellationToken: cancellationToken) is { } item
        && item.Value.TryGetProperty("isTrue", out var isTrue) && isTrue.ValueKind == JsonValueKind.True
            ? StateUpdate.None
            : throw new InvalidOperationException("The store has no item 'my_key' in inputtedState/data that is true.");

    private sealed record Configuration
    {
        [JsonPropertyName("model_name")]
        public string ModelName { get; init; } = "";
    }

    private sealed record SharedItem([property: JsonPropertyName("id")] string Id);

    private sealed record SleepStep(
        [property: JsonPropertyName("type")] string Type,
        [property: JsonPropertyName("step")] int Step);
}
