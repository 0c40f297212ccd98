namespace Weft.Runs;

/// <summary>A feedback on a run: the rating of a user, or a score for a key that the client of the run has chosen.</summary>
public sealed record FeedbackRecord
{
    /// <summary>The id.</summary>
    public required FeedbackId FeedbackId { get; init; }

    /// <summary>The thread of the run.</summary>
    public required ThreadId ThreadId { get; init; }

    /// <summary>The run.</summary>
    public required RunId RunId { get; init; }

    /// <summary>The user who rated the run; empty if it is not known, as for each score of a key.</summary>
    public string Owner { get; init; } = "";

    /// <summary>The key; null for a rating.</summary>
    public string? Key { get; init; }

    /// <summary>The score, which is 1 or -1 for a rating; null if a key has none.</summary>
    public double? Score { get; init; }

    /// <summary>The message that was rated, as the user named it; null if the rating is for the run.</summary>
    public string? MessageId { get; init; }

    /// <summary>A text for people; null for none.</summary>
    public string? Comment { get; init; }

    /// <summary>A JSON object: what else was given with the score of a key.</summary>
    public string Details { get; init; } = "{}";

    /// <summary>When it was given.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}
