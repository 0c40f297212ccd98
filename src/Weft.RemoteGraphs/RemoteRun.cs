using System.Text.Json;

namespace Weft.RemoteGraphs;

/// <summary>A run of the other server.</summary>
/// <param name="Id">The id.</param>
/// <param name="Status">The status.</param>
/// <param name="TaskId">The task that has created it; null if none has.</param>
/// <param name="CreatedAt">When it was created, by the clock of the server.</param>
internal sealed record RemoteRun(string Id, string Status, string? TaskId, DateTimeOffset CreatedAt)
{
    public bool IsActive => Status is "pending" or "running";

    /// <summary>Whether it has failed, timed out or was cancelled. A paused run may count as interrupted on some servers.</summary>
    public bool IsFailed => Status is "error" or "timeout";

    public static RemoteRun Read(JsonElement json) => new(
        json.GetProperty("run_id").GetString()!,
        json.GetProperty("status").GetString()!,
        TaskOf(json),
        json.TryGetProperty("created_at", out var time) && time.TryGetDateTimeOffset(out var createdAt) ? createdAt : default);

    private static string? TaskOf(JsonElement run) =>
        run.TryGetProperty("metadata", out var metadata) && metadata.ValueKind == JsonValueKind.Object
        && metadata.TryGetProperty(RemoteRequest.TaskMember, out var task) && task.ValueKind == JsonValueKind.String
            ? task.GetString()
            : null;
}
