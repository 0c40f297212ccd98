using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Weft.Server;

/// <summary>A page of runs.</summary>
internal sealed record RunSearchResponse
{
    /// <summary>The runs, newest first. A page that is not the last one may have fewer than the limit, or none.</summary>
    [JsonPropertyName("runs")]
    public required List<FoundRunResource> Runs { get; init; }

    /// <summary>The cursor of the next page; null if this is the last one.</summary>
    [JsonPropertyName("next")]
    public required string? Next { get; init; }
}

/// <summary>A run that a search over all threads found.</summary>
internal sealed record FoundRunResource : RunResource
{
    /// <summary>What the run waits for; null if it is not pending.</summary>
    [JsonPropertyName("waits_for")]
    public required RunWaitResource? WaitsFor { get; init; }
}

/// <summary>What a pending run waits for.</summary>
internal sealed record RunWaitResource
{
    /// <summary>
    /// <c>thread</c>: another run of its thread is before it. <c>time</c>: its time has not come. <c>capacity</c>: the server executes
    /// as many runs as it may.
    /// </summary>
    [JsonPropertyName("reason")]
    [AllowedValues("thread", "time", "capacity")]
    public required string Reason { get; init; }

    /// <summary>The run before it on its thread; null for other reasons.</summary>
    [JsonPropertyName("run_id")]
    public required Guid? RunId { get; init; }

    /// <summary>The place, from 1, among the runs of its thread that wait.</summary>
    [JsonPropertyName("position")]
    public required int Position { get; init; }

    /// <summary>The time before which it does not start; null for other reasons.</summary>
    [JsonPropertyName("until")]
    public required DateTimeOffset? Until { get; init; }
}
