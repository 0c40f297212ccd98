using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>The body of <c>POST /threads/prune</c>.</summary>
internal sealed record ThreadPrune
{
    /// <summary>The threads. Required.</summary>
    [JsonPropertyName("thread_ids")]
    public List<string>? ThreadIds { get; init; }

    /// <summary><c>delete</c> (the default) or <c>keep_latest</c>.</summary>
    [JsonPropertyName("strategy")]
    [AllowedValues("delete", "keep_latest")]
    public string? Strategy { get; init; }
}
