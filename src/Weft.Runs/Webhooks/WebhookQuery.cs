namespace Weft.Runs;

/// <summary>The conditions and the page of a search over deliveries of webhooks, the newest first.</summary>
public sealed record WebhookQuery
{
    /// <summary>The state of the deliveries; null means any.</summary>
    public WebhookStatus? Status { get; init; }

    /// <summary>The last delivery of the page before; null for the first page. A delivery that does not exist ends the list.</summary>
    public RunId? After { get; init; }

    /// <summary>The maximum number of deliveries on a page.</summary>
    public int Limit { get; init; } = 10;
}
