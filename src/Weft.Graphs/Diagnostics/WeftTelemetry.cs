namespace Weft.Graphs;

/// <summary>The names of all spans, attributes and instruments. <c>docs/operations.md</c> describes them.</summary>
/// <remarks>
/// <para>
/// Attributes that begin with <c>gen_ai.</c> follow the conventions for agents, models and tools:
/// https://github.com/open-telemetry/semantic-conventions-genai/blob/main/docs/gen-ai/gen-ai-agent-spans.md and
/// https://github.com/open-telemetry/semantic-conventions-genai/blob/main/docs/gen-ai/gen-ai-spans.md.
/// </para>
/// <para>
/// Errors: https://opentelemetry.io/docs/specs/semconv/general/recording-errors/. Names and units of instruments:
/// https://opentelemetry.io/docs/specs/semconv/general/metrics/. Names that are not in the conventions begin with
/// <c>weft.</c>.
/// </para>
/// </remarks>
public static class WeftTelemetry
{
    /// <summary>
    /// The name of the activity source and of the meter, for <c>AddSource</c> and <c>AddMeter</c> of OpenTelemetry.
    /// </summary>
    public const string Name = "Weft";

    /// <summary>The first words of the spans' names, and the values of <see cref="Attributes.Operation"/>.</summary>
    internal static class Spans
    {
        /// <summary>An attempt of a run: <c>invoke_agent {graph id}</c>.</summary>
        public const string Run = "invoke_agent";

        /// <summary>A graph that runs, at the root or inside a node: <c>invoke_workflow {name}</c>.</summary>
        public const string Graph = "invoke_workflow";

        /// <summary>A superstep.</summary>
        public const string Superstep = "superstep";

        /// <summary>A task, with all its tries: <c>node {name}</c>.</summary>
        public const string Node = "node";

        /// <summary>A call of a model: <c>chat {model}</c>.</summary>
        public const string Chat = "chat";

        /// <summary>A call of a tool: <c>execute_tool {name}</c>.</summary>
        public const string Tool = "execute_tool";
    }

    /// <summary>The attributes of spans and instruments.</summary>
    internal static class Attributes
    {
        public const string Operation = "gen_ai.operation.name";
        public const string Conversation = "gen_ai.conversation.id";
        public const string AgentName = "gen_ai.agent.name";
        public const string Provider = "gen_ai.provider.name";
        public const string RequestModel = "gen_ai.request.model";
        public const string ResponseModel = "gen_ai.response.model";
        public const string ResponseId = "gen_ai.response.id";
        public const string FinishReasons = "gen_ai.response.finish_reasons";
        public const string InputTokens = "gen_ai.usage.input_tokens";
        public const string OutputTokens = "gen_ai.usage.output_tokens";
        public const string ToolName = "gen_ai.tool.name";
        public const string ToolType = "gen_ai.tool.type";
        public const string ToolCallId = "gen_ai.tool.call.id";
        public const string ErrorType = "error.type";

        public const string RunId = "weft.run.id";
        public const string RunAttempt = "weft.run.attempt";
        public const string RunStatus = "weft.run.status";
        public const string AssistantId = "weft.assistant.id";
        public const string GraphId = "weft.graph.id";
        public const string CheckpointNamespace = "weft.checkpoint.namespace";
        public const string Superstep = "weft.superstep.number";
        public const string TaskCount = "weft.superstep.tasks";
        public const string Node = "weft.node.name";
        public const string TaskId = "weft.task.id";
        public const string TaskIsPaused = "weft.task.paused";
        public const string TaskIsCached = "weft.task.cached";
        public const string StorageFault = "weft.storage.fault";
    }

    /// <summary>The instruments.</summary>
    internal static class Instruments
    {
        public const string ActiveRuns = "weft.run.active";
        public const string PendingRuns = "weft.run.pending";
        public const string ForeignRuns = "weft.run.foreign";
        public const string AbandonedCalls = "weft.run.abandoned";
        public const string RunDuration = "weft.run.duration";
        public const string QueueDuration = "weft.run.queue.duration";
        public const string CommitDuration = "weft.commit.duration";
        public const string CommitBatchSize = "weft.commit.batch.size";
        public const string StorageUnavailable = "weft.storage.unavailable";
        public const string ClockDifference = "weft.clock.difference";
        public const string StreamReaders = "weft.stream.readers";
        public const string StreamEvents = "weft.stream.events";
        public const string Webhooks = "weft.webhook.deliveries";
        public const string WebhookCallDuration = "weft.webhook.call.duration";
        public const string Servers = "weft.cluster.servers";
        public const string CallDuration = "weft.cluster.call.duration";
        public const string RelayedEvents = "weft.cluster.relay.events";
        public const string CopiedLogs = "weft.cluster.relay.logs";
        public const string LostServers = "weft.cluster.servers.lost";
    }
}
