using System.Runtime.InteropServices;
using System.Text.Json;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>Checks a request for a run and applies the defaults.</summary>
/// <param name="assistants">The assistants that a request may name.</param>
/// <param name="options">Limit the size of a request.</param>
public sealed class RunSpecBuilder(AssistantDirectory assistants, RunsOptions options)
{
    private const int RecursionLimitMax = 100_000;
    private static readonly TimeSpan AfterMax = TimeSpan.FromDays(366);

    /// <summary>Builds the specification.</summary>
    /// <exception cref="WeftException">A field is not valid, or the assistant does not exist.</exception>
    public RunSpec Build(RunRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var defaults = request.Defaults;
        var assistant = ResolveAssistant(request);
        var modes = ReadModes(request);
        var config = ReadConfig(request.Config);
        return new RunSpec
        {
            ThreadId = request.ThreadId,
            AssistantId = assistant.AssistantId,
            Input = request.Input is { ValueKind: not JsonValueKind.Null } input ? input : null,
            Command = ReadObject(request.Command, "command"),
            StartsWithoutInput = defaults.StartsWithoutInput,
            Metadata = ReadBounded(request.Metadata, "metadata"),
            Config = config,
            Headers = request.Headers,
            Context = ReadObject(request.Context, "context"),
            Webhook = ReadWebhook(request.Webhook),
            CheckpointId = ReadCheckpointId(request, config),
            InterruptBefore = ReadSelection(request.InterruptBefore, "interrupt_before"),
            InterruptAfter = ReadSelection(request.InterruptAfter, "interrupt_after"),
            StreamModes = modes ?? defaults.StreamModes,
            RecordsAllModes = modes is null && request.IsBackground,
            StreamSubgraphs = request.StreamSubgraphs ?? false,
            StreamResumable = request.StreamResumable ?? false,
            CancelOnDisconnect = ReadChoice(request.OnDisconnect, "on_disconnect", "cancel", "continue") is { } onDisconnect
                ? onDisconnect == "cancel"
                : defaults.CancelOnDisconnect,
            KeepThread = (ReadChoice(request.OnCompletion, "on_completion", "delete", "keep") is { } onCompletion
                    ? onCompletion == "keep"
                    : defaults.KeepThread)
                || request.ThreadId is not null,
            MultitaskStrategy = ReadStrategy(request) ?? defaults.MultitaskStrategy,
            CreateThread = (ReadChoice(request.IfNotExists, "if_not_exists", "reject", "create") is { } ifNotExists
                    ? ifNotExists == "create"
                    : defaults.CreateThread)
                || request.ThreadId is null,
            After = ReadAfter(request.AfterSeconds),
            Durability = ReadDurability(request),
            StrictResume = request.StrictResume ?? false,
            FollowUpToRunId = request.FollowUpToRunId,
            FeedbackKeys = request.FeedbackKeys ?? [],
            RecursionLimit = ReadRecursionLimit(config) ?? defaults.RecursionLimit,
        };
    }

    private static WeftException Invalid(string field, string message) => new(ProblemKind.Invalid, message, field);

    private JsonElement ReadConfig(JsonElement? value)
    {
        var config = ReadBounded(value, "config");
        foreach (var name in (ReadOnlySpan<string>)["configurable", "context", "metadata"])
        {
            ReadObject(config.TryGetProperty(name, out var member) ? member : null, "config." + name);
        }

        return !config.TryGetProperty("tags", out var tags) || tags.ValueKind == JsonValueKind.Null
            || (tags.ValueKind == JsonValueKind.Array && tags.EnumerateArray().All(tag => tag.ValueKind == JsonValueKind.String))
                ? ReservedNames.Remove(config)
                : throw Invalid("config.tags", "It must be a list of strings.");
    }

    private JsonElement ReadBounded(JsonElement? value, string field)
    {
        var json = ReadObject(value, field) ?? GraphJson.EmptyObject;
        return JsonMarshal.GetRawUtf8Value(json).Length <= options.ConfigBytesMax
            ? json
            : throw Invalid(field, $"It must have at most {options.ConfigBytesMax} bytes as JSON.");
    }

    private static JsonElement? ReadObject(JsonElement? value, string field) => value switch
    {
        null or { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.Object } => value,
        _ => throw Invalid(field, "It must be an object."),
    };

    private static string? ReadChoice(string? value, string field, params ReadOnlySpan<string> choices) =>
        value is null || choices.Contains(value)
            ? value
            : throw Invalid(field, $"'{value}' is none of {string.Join(", ", choices)}.");

    private static string? ReadWebhook(string? webhook) =>
        webhook is null
        || (webhook.StartsWith('/')
            && !webhook.StartsWith("//", StringComparison.Ordinal)
            && Uri.IsWellFormedUriString(webhook, UriKind.Relative))
        || (Uri.TryCreate(webhook, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps))
            ? webhook
            : throw Invalid("webhook", "It must be a URL of http or https, or a path of this server that begins with '/'.");

    private static string? ReadCheckpointId(RunRequest request, JsonElement config)
    {
        // All three are read, so that an error in one is reported even if another one takes precedence.
        var ofConfig = config.TryGetProperty("configurable", out var configurable) && configurable.ValueKind == JsonValueKind.Object
            ? ReadText(configurable, "checkpoint_id", "config.configurable.checkpoint_id")
            : null;
        var checkpoint = ReadObject(request.Checkpoint, "checkpoint");
        var ofCheckpoint = checkpoint is { } given ? ReadCheckpointId(given) : null;
        return request.CheckpointId ?? (checkpoint is null ? ofConfig : ofCheckpoint);
    }

    /// <summary>
    /// Returns the checkpoint to start from. A run can't start inside a subgraph. Instead it starts from the checkpoint of the
    /// root graph in whose superstep the subgraph's checkpoint was created, and the subgraph's task runs again.
    /// </summary>
    private static string? ReadCheckpointId(JsonElement checkpoint)
    {
        var id = ReadText(checkpoint, "checkpoint_id", "checkpoint.checkpoint_id");
        var map = ReadObject(checkpoint.TryGetProperty("checkpoint_map", out var around) ? around : null, "checkpoint.checkpoint_map");
        var root = map is { } known ? ReadText(known, "", "checkpoint.checkpoint_map") : null;
        return ReadText(checkpoint, "checkpoint_ns", "checkpoint.checkpoint_ns") is not { Length: > 0 }
            ? id
            : root ?? throw Invalid(
                "checkpoint.checkpoint_map", "A checkpoint of a subgraph needs the checkpoint_map that its state shows.");
    }

    private static string? ReadText(JsonElement json, string member, string field) =>
        !json.TryGetProperty(member, out var value) || value.ValueKind == JsonValueKind.Null ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : throw Invalid(field, "It must be a string.");

    private static NodeSelection ReadSelection(JsonElement? value, string field)
    {
        switch (value)
        {
            case null or { ValueKind: JsonValueKind.Null }:
                return NodeSelection.None;
            case { ValueKind: JsonValueKind.String } text when text.ValueEquals("*"u8):
                return NodeSelection.All;
            case { ValueKind: JsonValueKind.Array } list when list.EnumerateArray().All(node => node.ValueKind == JsonValueKind.String):
                // A name without a node has no effect, because clients may send node names of another graph.
                var names = list.EnumerateArray().Select(node => node.GetString()!).ToList();
                return names.Contains("*") ? NodeSelection.All : NodeSelection.Of(names);
            default:
                throw Invalid(field, "It must be '*' or a list of node names.");
        }
    }

    private static List<string>? ReadModes(RunRequest request)
    {
        List<string> modes;
        switch (request.StreamMode)
        {
            case null or { ValueKind: JsonValueKind.Null }:
                return null;
            case { ValueKind: JsonValueKind.String } one:
                modes = [one.GetString()!];
                break;
            case { ValueKind: JsonValueKind.Array } list when list.EnumerateArray().All(mode => mode.ValueKind == JsonValueKind.String):
                modes = [.. list.EnumerateArray().Select(mode => mode.GetString()!).Distinct()];
                if (modes is [])
                {
                    return null;
                }

                break;
            default:
                throw Invalid("stream_mode", "It must be a stream mode or a list of them.");
        }

        if (modes.Find(mode => !StreamModes.Known.Contains(mode)) is { } unknown)
        {
            throw Invalid("stream_mode", $"'{unknown}' is none of {string.Join(", ", StreamModes.Known)}.");
        }

        return request.Defaults.MessagesMeansTuples ? [.. modes.Select(StreamModes.WithTuples).Distinct()] : modes;
    }

    private static TimeSpan? ReadAfter(double? seconds) => seconds switch
    {
        null or 0 => null,
        < 0 or double.NaN => throw Invalid("after_seconds", "It must be at least 0 seconds."),
        _ when seconds > AfterMax.TotalSeconds => throw Invalid("after_seconds", $"It must be at most {AfterMax.TotalSeconds} seconds."),
        _ => TimeSpan.FromSeconds(seconds.Value),
    };

    private static MultitaskStrategy? ReadStrategy(RunRequest request) =>
        ReadChoice(request.MultitaskStrategy, "multitask_strategy", "reject", "rollback", "interrupt", "enqueue") is { } strategy
            ? Enum.Parse<MultitaskStrategy>(strategy, ignoreCase: true)
            : null;

    private static Durability ReadDurability(RunRequest request) =>
        ReadChoice(request.Durability, "durability", "sync", "async", "exit") switch
        {
            "sync" => Durability.Sync,
            "exit" => Durability.Exit,
            null when request.CheckpointDuring == false => Durability.Exit,
            _ => Durability.Async,
        };

    private static int? ReadRecursionLimit(JsonElement config)
    {
        if (!config.TryGetProperty("recursion_limit", out var limit) || limit.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        return limit.ValueKind == JsonValueKind.Number && limit.TryGetInt32(out var value) && value is > 0 and <= RecursionLimitMax
            ? value
            : throw Invalid("config.recursion_limit", $"It must be a whole number, at least 1 and at most {RecursionLimitMax}.");
    }

    private AssistantRecord ResolveAssistant(RunRequest request)
    {
        if (request.AssistantId is null)
        {
            return request.Defaults.AssistantOptional && assistants.All.Count > 0
                ? assistants.All.First()
                : throw Invalid("assistant_id", "Field required");
        }

        return assistants.Find(request.AssistantId)
            ?? throw new WeftException(
                ProblemKind.NotFound,
                $"No assistant found for \"{request.AssistantId}\". "
                + "Make sure the assistant ID is for a valid assistant or a valid graph ID.",
                "assistant_id");
    }
}
