namespace Weft.Runs;

/// <summary>The delivery of the end of a run to its webhook, as storage keeps it.</summary>
public sealed record WebhookRecord
{
    /// <summary>The run that has ended. It identifies the delivery, because a run ends once and has at most one webhook.</summary>
    public required RunId RunId { get; init; }

    /// <summary>The thread of the run, which may be deleted already.</summary>
    public required ThreadId ThreadId { get; init; }

    /// <summary>The actor that the run belongs to.</summary>
    public string Owner { get; init; } = "";

    /// <summary>Where to send it: a URL, or a path of this server that begins with <c>/</c>.</summary>
    public required string Url { get; init; }

    /// <summary>
    /// The host of <see cref="Url"/>, or <c>/</c> for this server. The calls of one receiver at a time are limited.
    /// </summary>
    public required string Receiver { get; init; }

    /// <summary>A JSON object in UTF-8: what is sent, without the time of the call.</summary>
    public ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>The state.</summary>
    public WebhookStatus Status { get; init; }

    /// <summary>How many attempts have begun. The result of an attempt is stored in the name of its number.</summary>
    public int Attempts { get; init; }

    /// <summary>
    /// When the next attempt is due, or when the one that has begun is regarded as lost; null unless it is
    /// <see cref="WebhookStatus.Pending"/>.
    /// </summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>Whether an attempt has begun and its result is not stored yet.</summary>
    public bool IsClaimed { get; init; }

    /// <summary>
    /// The number of attempts before the current series. A series begins when the run ends, and when the delivery is repeated on
    /// request.
    /// </summary>
    public int EarlierAttempts { get; init; }

    /// <summary>When the current series began.</summary>
    public required DateTimeOffset SeriesAt { get; init; }

    /// <summary>When the run ended.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was delivered or given up; null while it is <see cref="WebhookStatus.Pending"/>.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>The last attempt whose result is stored; null if there is none.</summary>
    public WebhookAttempt? LastAttempt { get; init; }
}
