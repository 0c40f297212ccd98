using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>The answer to the removal of a run below <c>/api/threads</c>.</summary>
internal sealed record RunDeleteResponse
{
    /// <summary>Whether the run was removed.</summary>
    [JsonPropertyName("deleted")]
    public required bool Deleted { get; init; }
}
