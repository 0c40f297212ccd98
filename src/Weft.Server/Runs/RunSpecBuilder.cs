using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Server;

/// <summary>Checks a request for a run and fills in the mount's defaults.</summary>
/// <param name="mount">The mount that received the request.</param>
/// <param name="assistants">The assistants that the request may name.</param>
/// <param name="limits">How large the configuration may be.</param>
/// <param name="options">Which headers nodes see, and how many keys a request may have.</param>
/// <param name="webhooks">The webhooks that may be called.</param>
/// <param name="server">
/// Tells whether other servers may have a graph that this one does not have. Null refuses requests that name such a graph.
/// </param>
internal sealed class RunSpecBuilder(
    Mount mount,
    AssistantDirectory assistants,
    RunsOptions limits,
    WeftServerOptions options,
    WebhookAddresses webhooks,
    ServerIdentity? server = null)
{
    private const int FeedbackKeyLengthMax = 255;

    private static readonly TimeSpan AfterMax = TimeSpan.FromDays(366);

    /// <summary>Builds the specification of a run.</summary>
    /// <param name="body">The body of the request.</param>
    /// <param name="threadId">The thread of the route; null for a stateless run.</param>
    /// <param name="headers">The headers of the request.</param>
    /// <param name="isBackground">Whether the request starts the run without waiting for it or streaming it.</param>
    /// <exception cref="WeftException">A field is wrong, or the assistant is unknown.</exception>
    public RunSpec Build(RunCreate body, ThreadId? threadId, IHeaderDictionary headers, bool isBackground)
    {
        var defaults = mount.Defaults;
        var (assistantId, graphId) = ReadAssistant(body.AssistantId);
        var modes = ReadModes(body.StreamMode);
        var config = ReadConfig(body, headers);
        return new RunSpec
        {
            ThreadId = threadId,
            AssistantId = assistantId,
            GraphId = graphId,
            Input = body.Input is { ValueKind: not JsonValueKind.Null } input ? input : null,
            Command = ReadObject(body.Command, "command"),
            StartsWithoutInput = defaults.StartsWithoutInput,
            Metadata = ReadBounded(body.Metadata, "metadata"),
            Config = config,
            Headers = HeadersOfRun.Read(headers, options.ConfigurableHeaders),
            Context = ReadContext(mount.IsGateway ? GatewayConfiguration.ContextOf(body) : body.Context),
            Webhook = webhooks.Check(body.Webhook),
            CheckpointId = ReadCheckpointId(body, config),
            InterruptBefore = ReadSelection(body.InterruptBefore, "interrupt_before"),
            InterruptAfter = ReadSelection(body.InterruptAfter, "interrupt_after"),
            StreamModes = modes ?? defaults.StreamModes,
            RecordsAllModes = modes is null && isBackground,
            StreamSubgraphs = body.StreamSubgraphs ?? false,
            StreamResumable = body.StreamResumable ?? false,
            CancelOnDisconnect = ReadChoice(body.OnDisconnect, "on_disconnect", "cancel", "continue") is { } onDisconnect
                ? onDisconnect == "cancel"
                : defaults.CancelOnDisconnect,
            KeepThread = (ReadChoice(body.OnCompletion, "on_completion", "delete", "keep") is { } onCompletion
                ? onCompletion == "keep"
                : defaults.KeepThread) || threadId is not null,
            MultitaskStrategy = ReadStrategy(body.MultitaskStrategy) ?? defaults.MultitaskStrategy,
            CreateThread = (ReadChoice(body.IfNotExists, "if_not_exists", "reject", "create") is { } ifNotExists
                ? ifNotExists == "create"
                : defaults.CreateThread) || threadId is null,
            After = ReadAfter(body.AfterSeconds),
            Durability = ReadDurability(body),
            StrictResume = body.StrictResume ?? false,
            FollowUpToRunId = body.FollowUpToRunId,
            FeedbackKeys = body.FeedbackKeys is { Count: > 0 } keys ? ReadFeedbackKeys(keys) : [],
            RecursionLimit = RunConfiguration.ReadRecursionLimit(config) ?? defaults.RecursionLimit,
        };
    }

    /// <summary>
    /// Returns the id of an assistant, which is looked up when the run is admitted, and of its graph if only another server may have that.
    /// </summary>
    private (AssistantId Id, string? GraphId) ReadAssistant(string? id)
    {
        if (id is null)
        {
            return mount.Defaults.AssistantOptional && assistants.All.Count > 0
                ? (assistants.All.First().AssistantId, null)
                : throw Requests.Invalid("assistant_id", "Field required");
        }

        return assistants.Find(id) is { } ofGraph ? (ofGraph.AssistantId, null)
            : AssistantId.TryParse(id, null, out var given) ? (given, null)
            : server?.Key is not null && id.Length > 0 ? (AssistantIds.ForGraph(id), id)
            : throw WeftException.AssistantNotFound(id);
    }

    private JsonElement ReadConfig(RunCreate body, IHeaderDictionary headers)
    {
        var given = mount.IsGateway ? GatewayConfiguration.Complete(body, assistants) : body.Config;
        var config = ReadBounded(HeadersOfRun.WithoutThem(given, headers, options.ConfigurableHeaders), "config");
        RunConfiguration.Check(config);
        return config;
    }

    private JsonElement? ReadContext(JsonElement? context) =>
        context is null or { ValueKind: JsonValueKind.Null } ? null : ReadBounded(context, "context");

    private JsonElement ReadBounded(JsonElement? value, string field)
    {
        var json = ReadObject(value, field) ?? GraphJson.EmptyObject;
        return JsonMarshal.GetRawUtf8Value(json).Length <= limits.ConfigBytesMax
            ? json
            : throw Requests.Invalid(field, $"It must have at most {limits.ConfigBytesMax} bytes as JSON.");
    }

    private List<string>? ReadModes(JsonElement? value) => value switch
    {
        null or { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.String } one => mount.Defaults.ReadModes([one.GetString()!], "stream_mode"),
        { ValueKind: JsonValueKind.Array } list when list.GetArrayLength() == 0 => null,
        { ValueKind: JsonValueKind.Array } list when IsListOfStrings(list) => mount.Defaults.ReadModes(ReadStrings(list), "stream_mode"),
        _ => throw Requests.Invalid("stream_mode", "It must be a stream mode or a list of them."),
    };

    private List<string> ReadFeedbackKeys(List<string> keys)
    {
        if (keys.Count > options.FeedbackKeysMax || keys.Exists(key => key.Length is 0 or > FeedbackKeyLengthMax))
        {
            throw Requests.Invalid(
                "feedback_keys", $"It must have at most {options.FeedbackKeysMax} keys of 1 to {FeedbackKeyLengthMax} characters.");
        }

        return [.. keys.Distinct()];
    }

    private static MultitaskStrategy? ReadStrategy(string? strategy) =>
        ReadChoice(strategy, "multitask_strategy", "reject", "rollback", "interrupt", "enqueue") is { } given
            ? Enum.Parse<MultitaskStrategy>(given, ignoreCase: true)
            : null;

    private static string? ReadCheckpointId(RunCreate body, JsonElement config)
    {
        // All three are read, so that an error in one is reported even if another one takes precedence.
        var ofConfig = RunConfiguration.ConfigurableOf(config) is { } configurable
            ? ReadText(configurable, "checkpoint_id", "config.configurable.checkpoint_id")
            : null;
        var checkpoint = ReadObject(body.Checkpoint, "checkpoint");
        var ofCheckpoint = checkpoint is { } given ? ReadCheckpointId(given) : null;
        return body.CheckpointId ?? (checkpoint is null ? ofConfig : ofCheckpoint);
    }

    /// <summary>
    /// Returns the checkpoint to start from. A run can't start inside a subgraph. Instead it starts from the checkpoint of the root
    /// graph in whose superstep the subgraph's checkpoint was created, and the subgraph's task runs again.
    /// </summary>
    private static string? ReadCheckpointId(JsonElement checkpoint)
    {
        var id = ReadText(checkpoint, "checkpoint_id", "checkpoint.checkpoint_id");
        var map = ReadObject(checkpoint.TryGetProperty("checkpoint_map", out var around) ? around : null, "checkpoint.checkpoint_map");
        var root = map is { } known ? ReadText(known, "", "checkpoint.checkpoint_map") : null;
        if (ReadText(checkpoint, "checkpoint_ns", "checkpoint.checkpoint_ns") is not { Length: > 0 })
        {
            return id;
        }

        return root ?? throw Requests.Invalid(
            "checkpoint.checkpoint_map", "A checkpoint of a subgraph needs the checkpoint_map that its state shows.");
    }

    private static NodeSelection ReadSelection(JsonElement? value, string field)
    {
        switch (value)
        {
            case null or { ValueKind: JsonValueKind.Null }:
                return NodeSelection.None;
            case { ValueKind: JsonValueKind.String } text when text.ValueEquals("*"u8):
                return NodeSelection.All;
            case { ValueKind: JsonValueKind.Array } list when IsListOfStrings(list):
                // A name without a node has no effect, because clients may send node names of another graph.
                var names = ReadStrings(list);
                return names.Contains("*") ? NodeSelection.All : NodeSelection.Of(names);
            default:
                throw Requests.Invalid(field, "It must be '*' or a list of node names.");
        }
    }

    private static TimeSpan? ReadAfter(double? seconds) => seconds switch
    {
        null or 0 => null,
        < 0 or double.NaN => throw Requests.Invalid("after_seconds", "It must be at least 0 seconds."),
        _ when seconds > AfterMax.TotalSeconds =>
            throw Requests.Invalid("after_seconds", $"It must be at most {AfterMax.TotalSeconds} seconds."),
        _ => TimeSpan.FromSeconds(seconds.Value),
    };

    private static Durability ReadDurability(RunCreate body) => ReadChoice(body.Durability, "durability", "sync", "async", "exit") switch
    {
        "sync" => Durability.Sync,
        "exit" => Durability.Exit,
        null when body.CheckpointDuring == false => Durability.Exit,
        _ => Durability.Async,
    };

    private static JsonElement? ReadObject(JsonElement? value, string field) => value switch
    {
        null or { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.Object } => value,
        _ => throw Requests.Invalid(field, "It must be an object."),
    };

    private static string? ReadChoice(string? value, string field, params ReadOnlySpan<string> choices) =>
        value is null || choices.Contains(value)
            ? value
            : throw Requests.Invalid(field, $"'{value}' is none of {string.Join(", ", choices)}.");

    private static string? ReadText(JsonElement json, string member, string field) =>
        !json.TryGetProperty(member, out var value) || value.ValueKind == JsonValueKind.Null ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : throw Requests.Invalid(field, "It must be a string.");

    private static bool IsListOfStrings(JsonElement json) =>
        json.ValueKind == JsonValueKind.Array && json.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String);

    private static List<string> ReadStrings(JsonElement list) => [.. list.EnumerateArray().Select(item => item.GetString()!)];
}
