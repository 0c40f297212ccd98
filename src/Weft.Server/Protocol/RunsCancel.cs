using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>The body of <c>POST /runs/cancel</c>.</summary>
internal sealed record RunsCancel
{
    /// <summary><c>pending</c>, <c>running</c> or <c>all</c>: the runs to cancel. It excludes the other members.</summary>
    [JsonPropertyName("status")]
    [AllowedValues("pending", "running", "all")]
    public string? Status { get; init; }

    /// <summary>The thread of the runs in <c>run_ids</c>.</summary>
    [JsonPropertyName("thread_id")]
    public string? ThreadId { get; init; }

    /// <summary>The runs of the thread to cancel.</summary>
    [JsonPropertyName("run_ids")]
    public List<string>? RunIds { get; init; }
}
