namespace Weft.Runs;

/// <summary>Keeps deliveries of webhooks.</summary>
/// <remarks>
/// Every implementation passes <c>WebhookStoreContract</c>; behaviour that the suite does not check is not guaranteed. Each method is
/// one transaction. When its task completes, the change is committed. Deliveries are added with the end of their runs
/// (<see cref="RunFinish.Webhook"/>, <see cref="IRunStore.DeleteAsync"/>). A pending delivery outlives its run and its thread; one
/// that has ended is removed with them.
/// </remarks>
public interface IWebhookStore
{
    /// <summary>
    /// Returns the receivers with pending deliveries, in the order of their names. This costs time for each receiver, not for each
    /// delivery.
    /// </summary>
    Task<IReadOnlyList<WebhookReceiver>> ListReceiversAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Begins attempts of deliveries that are due at <paramref name="now"/>, the longest overdue first. No other caller gets them
    /// before <paramref name="until"/>, when an attempt without a result is regarded as lost. Several servers may claim at once.
    /// </summary>
    /// <param name="counts">The maximum number of deliveries for each receiver.</param>
    /// <param name="now">The time.</param>
    /// <param name="until">When the attempts are regarded as lost.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The deliveries, as they are now.</returns>
    Task<IReadOnlyList<WebhookRecord>> ClaimAsync(
        IReadOnlyDictionary<string, int> counts, DateTimeOffset now, DateTimeOffset until, CancellationToken cancellationToken);

    /// <summary>
    /// Stores the result of the attempt that a delivery is at. Only the newest 100 attempts of a delivery are kept. Returns
    /// <see langword="false"/>, and changes nothing, when the delivery does not exist or is at a later attempt. A repetition returns
    /// the same result.
    /// </summary>
    /// <param name="runId">The delivery.</param>
    /// <param name="attempt">The attempt.</param>
    /// <param name="status">The state of the delivery from now on.</param>
    /// <param name="dueAt">When the next attempt is due; null unless the delivery is pending.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<bool> TryRecordAsync(
        RunId runId, WebhookAttempt attempt, WebhookStatus status, DateTimeOffset? dueAt, CancellationToken cancellationToken);

    /// <summary>
    /// Makes a delivery due at <paramref name="now"/>, and begins a new series of attempts. A delivery that is being called is not
    /// changed. Returns <see langword="false"/> when <paramref name="actor"/> has no such delivery.
    /// </summary>
    Task<bool> ResendAsync(Actor actor, RunId runId, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>
    /// Returns a delivery with its payload and the attempts that are kept, in order; null when <paramref name="actor"/> has no such
    /// delivery.
    /// </summary>
    Task<(WebhookRecord Webhook, IReadOnlyList<WebhookAttempt> Attempts)?> FindAsync(
        Actor actor, RunId runId, CancellationToken cancellationToken);

    /// <summary>Returns a page of the actor's deliveries that match, newest first, without their payloads.</summary>
    Task<LazyPage<WebhookRecord>> OpenSearchAsync(Actor actor, WebhookQuery query, CancellationToken cancellationToken);

    /// <summary>
    /// Removes deliveries that ended before <paramref name="cutoff"/>, and then those that ended first, until the payloads of the
    /// others have at most <paramref name="bytesMax"/> bytes. Pending deliveries are kept. Returns the number of removed ones.
    /// </summary>
    Task<int> DeleteEndedAsync(DateTimeOffset cutoff, long bytesMax, CancellationToken cancellationToken);
}
