using System.Text.Json;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>
/// A run's specification as JSON. The API shows it as <c>kwargs</c>, and a restarted server executes the run from it.
/// </summary>
internal static class RunKwargs
{
    public static byte[] Write(RunSpec spec) => GraphJson.Encode(spec, static (writer, spec) => Write(writer, spec));

    /// <exception cref="UnreadableRunException">The data was not written by <see cref="Write(RunSpec)"/>.</exception>
    public static RunSpec Read(RunRecord run)
    {
        try
        {
            return ReadMembers(run);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new UnreadableRunException(run.RunId, e);
        }
    }

    private static RunSpec ReadMembers(RunRecord run)
    {
        var json = GraphJson.Parse(run.Kwargs.Span);
        return new RunSpec
        {
            ThreadId = run.ThreadId,
            AssistantId = run.AssistantId,
            Metadata = GraphJson.Parse(System.Text.Encoding.UTF8.GetBytes(run.Metadata)),
            MultitaskStrategy = run.MultitaskStrategy,
            GraphId = Text(json, "graph_id"),
            Input = Optional(json, "input"),
            Command = Optional(json, "command"),
            StartsWithoutInput = Flag(json, "starts_without_input"),
            Config = Optional(json, "config") ?? GraphJson.EmptyObject,
            Headers = run.Headers is { } headers ? GraphJson.Parse(System.Text.Encoding.UTF8.GetBytes(headers)) : null,
            Context = Optional(json, "context"),
            Webhook = Text(json, "webhook"),
            CheckpointId = Text(json, "checkpoint_id"),
            InterruptBefore = Selection(json, "interrupt_before"),
            InterruptAfter = Selection(json, "interrupt_after"),
            StreamModes = Names(json, "stream_mode"),
            RecordsAllModes = Flag(json, "records_all_modes"),
            RecordsThreadEvents = Flag(json, "records_thread_events"),
            StreamSubgraphs = Flag(json, "subgraphs"),
            StreamResumable = Flag(json, "resumable"),
            KeepThread = !Flag(json, "temporary"),
            StrictResume = Flag(json, "strict_resume"),
            Questions = Flag(json, "keeps_questions") ? QuestionRule.NeedsNone : QuestionRule.None,
            Durability = ReadDurability(json),
            FollowUpToRunId = Text(json, "follow_up_to_run_id"),
            FeedbackKeys = Names(json, "feedback_keys"),
            RecursionLimit = json.TryGetProperty("recursion_limit", out var limit) ? limit.GetInt32() : 25,
        };
    }

    private static void Write(Utf8JsonWriter writer, RunSpec spec)
    {
        writer.WriteStartObject();
        Optional(writer, "input", spec.Input);
        Optional(writer, "command", spec.Command);
        Optional(writer, "config", spec.Config);
        Optional(writer, "context", spec.Context);
        Names(writer, "stream_mode", spec.StreamModes);
        writer.WriteBoolean("subgraphs", spec.StreamSubgraphs);
        writer.WriteBoolean("resumable", spec.StreamResumable);
        writer.WriteBoolean("temporary", spec.ThreadId is null && !spec.KeepThread);
        writer.WriteNumber("recursion_limit", spec.RecursionLimit);
        Flag(writer, "records_all_modes", spec.RecordsAllModes);
        Flag(writer, "records_thread_events", spec.RecordsThreadEvents);
        Flag(writer, "strict_resume", spec.StrictResume);
        Flag(writer, "keeps_questions", spec.Questions == QuestionRule.NeedsNone);
        Flag(writer, "starts_without_input", spec is { StartsWithoutInput: true, Input: null, Command: null });
        Text(writer, "graph_id", spec.GraphId);
        Text(writer, "webhook", spec.Webhook);
        Text(writer, "checkpoint_id", spec.CheckpointId);
        Text(writer, "follow_up_to_run_id", spec.FollowUpToRunId);
        Selection(writer, "interrupt_before", spec.InterruptBefore);
        Selection(writer, "interrupt_after", spec.InterruptAfter);
        if (spec.Durability != Durability.Async)
        {
            writer.WriteString("durability", spec.Durability == Durability.Sync ? "sync" : "exit");
        }

        if (spec.FeedbackKeys.Count > 0)
        {
            Names(writer, "feedback_keys", spec.FeedbackKeys);
        }

        writer.WriteEndObject();
    }

    private static void Optional(Utf8JsonWriter writer, string name, JsonElement? value)
    {
        if (value is { } json)
        {
            writer.WritePropertyName(name);
            json.WriteTo(writer);
        }
    }

    private static Durability ReadDurability(JsonElement json) =>
        json.TryGetProperty("durability", out var durability)
            ? Enum.Parse<Durability>(durability.GetString()!, ignoreCase: true)
            : Durability.Async;

    private static JsonElement? Optional(JsonElement json, string name) => json.TryGetProperty(name, out var value) ? value : null;

    private static void Text(Utf8JsonWriter writer, string name, string? value)
    {
        if (value is not null)
        {
            writer.WriteString(name, value);
        }
    }

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static void Flag(Utf8JsonWriter writer, string name, bool value)
    {
        if (value)
        {
            writer.WriteBoolean(name, true);
        }
    }

    private static bool Flag(JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.GetBoolean();

    private static void Names(Utf8JsonWriter writer, string name, IEnumerable<string> values)
    {
        writer.WriteStartArray(name);
        foreach (var value in values)
        {
            writer.WriteStringValue(value);
        }

        writer.WriteEndArray();
    }

    private static List<string> Names(JsonElement json, string name) =>
        json.TryGetProperty(name, out var values) ? [.. values.EnumerateArray().Select(value => value.GetString()!)] : [];

    private static void Selection(Utf8JsonWriter writer, string name, NodeSelection selection)
    {
        if (selection.IsAll)
        {
            writer.WriteString(name, "*");
        }
        else if (selection.Names.Count > 0)
        {
            Names(writer, name, selection.Names);
        }
    }

    private static NodeSelection Selection(JsonElement json, string name) =>
        !json.TryGetProperty(name, out var value) ? NodeSelection.None
        : value.ValueKind == JsonValueKind.String ? NodeSelection.All
        : NodeSelection.Of(value.EnumerateArray().Select(node => node.GetString()!));
}
