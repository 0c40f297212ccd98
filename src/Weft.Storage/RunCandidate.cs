using System.Text;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Storage;

/// <summary>What the conditions of a search of runs are about.</summary>
internal readonly record struct RunCandidate
{
    public required RunStatus Status { get; init; }

    public required AssistantId AssistantId { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    public required DateTimeOffset? StartedAt { get; init; }

    /// <summary>The error; read only if the search has a condition on it.</summary>
    public string? Error { get; init; }

    /// <summary>The metadata as it is stored; read only if <see cref="HasMetadataCondition"/>.</summary>
    public string? Metadata { get; init; }

    /// <summary>Returns what the conditions are about of a run that was read.</summary>
    public static RunCandidate Of(RunRecord run) => new()
    {
        Status = run.Status,
        AssistantId = run.AssistantId,
        CreatedAt = run.CreatedAt,
        UpdatedAt = run.UpdatedAt,
        StartedAt = run.StartedAt,
        Error = run.Error,
        Metadata = run.Metadata,
    };

    public static bool IsUnfinished(RunStatus status) => status is RunStatus.Pending or RunStatus.Running;

    /// <summary>Whether a search has a condition on metadata.</summary>
    public static bool HasMetadataCondition(RunQuery query) => query is not { GraphId: null, Metadata: null };

    /// <param name="query">The search.</param>
    /// <param name="now">The time until which unfinished runs have executed.</param>
    public bool Matches(RunQuery query, DateTimeOffset now) =>
        query.Statuses?.Contains(Status) is not false
        && (query.AssistantId is not { } assistant || AssistantId == assistant)
        && (query.CreatedFrom is not { } from || CreatedAt >= from)
        && (query.CreatedBefore is not { } before || CreatedAt < before)
        && (query.DurationMin is not { } duration
            || (StartedAt is { } started && (IsUnfinished(Status) ? now : UpdatedAt) - started >= duration))
        && (query.ErrorText is not { } text || Error?.Contains(text, StringComparison.OrdinalIgnoreCase) is true)
        && (!HasMetadataCondition(query) || MatchesMetadata(query));

    private bool MatchesMetadata(RunQuery query)
    {
        var text = MetadataText.RunMetadata(Metadata!, AssistantId.ToString());
        var metadata = GraphJson.Parse(Encoding.UTF8.GetBytes(text));
        return (query.GraphId is not { } graph || (metadata.TryGetProperty("graph_id"u8, out var id) && id.ValueEquals(graph)))
            && (query.Metadata is not { } part || JsonContainment.Contains(metadata, part));
    }
}
