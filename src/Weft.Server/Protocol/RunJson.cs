using System.Text.Json;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Server;

/// <summary>A run on the wire (docs/protocol/runs.md B6). Below <c>/api/threads</c> it has no usage.</summary>
internal sealed class RunJson
{
    private static readonly RunJson WithUsage = new(true);
    private static readonly RunJson WithoutUsage = new(false);

    private readonly bool _hasUsage;

    private RunJson(bool hasUsage) => _hasUsage = hasUsage;

    /// <summary>Returns the format of a mount.</summary>
    public static RunJson Of(Mount mount) => mount.IsGateway ? WithoutUsage : WithUsage;

    /// <summary>What may be selected.</summary>
    public static string[] Members { get; } =
    [
        "run_id", "thread_id", "assistant_id", "status", "metadata", "multitask_strategy", "kwargs", "created_at", "updated_at",
        "cancel_reason", "usage",
    ];

    public void Write(Utf8JsonWriter writer, RunRecord run) => Write(writer, run, run.Status);

    /// <summary>
    /// Writes a run that was just created as it was accepted, even if it executes already. A run that an earlier request created
    /// may have ended.
    /// </summary>
    public void WriteCreated(Utf8JsonWriter writer, RunRecord run) =>
        Write(writer, run, run.Status == RunStatus.Running ? RunStatus.Pending : run.Status);

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

    private void Write(Utf8JsonWriter writer, RunRecord run, RunStatus status)
    {
        writer.WriteStartObject();
        WriteMembers(writer, run, status);
        if (_hasUsage)
        {
            writer.WritePropertyName("usage"u8);
            WriteUsage(writer, run.Usage);
        }

        writer.WriteEndObject();
    }

    public static void WriteMembers(Utf8JsonWriter writer, RunRecord run, RunStatus status)
    {
        writer.WriteString("run_id"u8, run.RunId.Value);
        writer.WriteString("thread_id"u8, run.ThreadId.Value);
        writer.WriteString("assistant_id"u8, run.AssistantId.Value);
        writer.WriteString("status"u8, status.ToWire());
        writer.RawMember("metadata"u8, run.Metadata);
        writer.WriteString("multitask_strategy"u8, run.MultitaskStrategy.ToWire());
        writer.WritePropertyName("kwargs"u8);
        writer.WriteRawValue(run.Kwargs.Span, skipInputValidation: true);
        writer.Time("created_at"u8, run.CreatedAt);
        writer.Time("updated_at"u8, run.UpdatedAt);
        writer.WriteString("cancel_reason"u8, run.Status == RunStatus.Interrupted ? run.Error : null);
    }

    private static void WriteUsage(Utf8JsonWriter writer, TokenUsage? usage)
    {
        if (usage is { } given)
        {
            given.WriteTo(writer);
        }
        else
        {
            writer.WriteNullValue();
        }
    }
}
