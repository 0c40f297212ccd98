using System.Text.Json;

namespace Weft.RemoteGraphs;

/// <summary>A run of the other server.</summary>
internal sealed record RemoteRun(string Id, string Status)
{
    public bool IsActive => Status is "pending" or "running";

    /// <summary>Whether it has failed, timed out or was cancelled. A paused run may count as interrupted on some servers.</summary>
    public bool IsFailed => Status is "error" or "timeout";

    public static RemoteRun Read(JsonElement json) => new(json.GetProperty("run_id").GetString()!, json.GetProperty("status").GetString()!);
}
