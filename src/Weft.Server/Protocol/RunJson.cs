using System.Text.Json;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Server;

/// <summary>
/// A run on the wire (docs/protocol/runs.md B6). Below <c>/api/threads</c> it lacks the members that only Weft has
/// (docs/protocol/weft.md 1).
/// </summary>
internal sealed class RunJson
{
    private static readonly RunJson Whole = new(hasAdditions: true);
    private static readonly RunJson Seed = new(hasAdditions: false);

    private readonly bool _hasAdditions;

    private RunJson(bool hasAdditions) => _hasAdditions = hasAdditions;

    /// <summary>Returns the format of a mount.</summary>
    public static RunJson Of(Mount mount) => mount.IsGateway ? Seed : Whole;

    /// <summary>What may be selected.</summary>
    public static string[] Members { get; } =
    [
        "run_id", "thread_id", "assistant_id", "status", "metadata", "multitask_strategy", "kwargs", "created_at", "updated_at",
        "cancel_reason", "started_at", "ended_at", "attempt", "not_before", "error", "usage",
    ];

    public void Write(Utf8JsonWriter writer, RunRecord run)
    {
        writer.WriteStartObject();
        WriteMembers(writer, run);
        if (_hasAdditions)
        {
            WriteAdditions(writer, run);
        }

        writer.WriteEndObject();
    }

    /// <summary>
    /// Writes a run that was just created as it was accepted, even if it executes already. A run that an earlier request created
    /// may have ended.
    /// </summary>
    public void WriteCreated(Utf8JsonWriter writer, RunRecord run) => Write(
        writer, run.Status == RunStatus.Running ? run with { Status = RunStatus.Pending, Attempt = 0, StartedAt = null } : run);

    public static bool IsStatus(string status) => status is "pending" or "running" or "success" or "error" or "timeout" or "interrupted";

    public static RunStatus? ParseStatus(string? status, string field) => status switch
    {
        null => null,
        "pending" => RunStatus.Pending,
        "running" => RunStatus.Running,
        "success" => RunStatus.Success,
        "error" => RunStatus.Error,
        "timeout" => RunStatus.Timeout,
        "interrupted" => RunStatus.Interrupted,
        _ => throw Requests.Invalid(field, $"'{status}' is none of pending, running, success, error, timeout, interrupted."),
    };

    /// <summary>Writes the members that runs have everywhere.</summary>
    public static void WriteMembers(Utf8JsonWriter writer, RunRecord run)
    {
        writer.WriteString("run_id"u8, run.RunId.Value);
        writer.WriteString("thread_id"u8, run.ThreadId.Value);
        writer.WriteString("assistant_id"u8, run.AssistantId.Value);
        writer.WriteString("status"u8, run.Status.ToWire());
        writer.RawMember("metadata"u8, run.Metadata);
        writer.WriteString("multitask_strategy"u8, run.MultitaskStrategy.ToWire());
        writer.WritePropertyName("kwargs"u8);
        writer.WriteRawValue(run.Kwargs.Span, skipInputValidation: true);
        writer.Time("created_at"u8, run.CreatedAt);
        writer.Time("updated_at"u8, run.UpdatedAt);
        writer.WriteString("cancel_reason"u8, run.Status == RunStatus.Interrupted ? run.Error : null);
    }

    /// <summary>Writes the members that only Weft's runs have.</summary>
    public static void WriteAdditions(Utf8JsonWriter writer, RunRecord run)
    {
        writer.Time("started_at"u8, run.StartedAt);
        writer.Time("ended_at"u8, run.EndedAt);
        writer.WriteNumber("attempt"u8, run.Attempt);
        writer.Time("not_before"u8, run.NotBefore);
        if (run.Status is RunStatus.Error or RunStatus.Timeout)
        {
            writer.WriteStartObject("error"u8);
            writer.WriteString("error"u8, run.ErrorName ?? "Error");
            writer.WriteString("message"u8, run.Error);
            writer.WriteEndObject();
        }
        else
        {
            writer.WriteNull("error"u8);
        }

        writer.WritePropertyName("usage"u8);
        if (run.Usage is { } usage)
        {
            usage.WriteTo(writer);
        }
        else
        {
            writer.WriteNullValue();
        }
    }
}
