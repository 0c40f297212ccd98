namespace Weft.Runs;

/// <summary>The operations on deliveries of webhooks: look up, search, resend.</summary>
public sealed class WebhooksFacade
{
    private readonly IWebhookStore _webhooks;
    private readonly WebhookSignal _signal;
    private readonly TimeProvider _time;

    internal WebhooksFacade(IWebhookStore webhooks, WebhookSignal signal, TimeProvider time)
    {
        _webhooks = webhooks;
        _signal = signal;
        _time = time;
    }

    /// <summary>Returns a page of the actor's deliveries that match, newest first, without their payloads.</summary>
    public async Task<IReadOnlyList<WebhookRecord>> SearchAsync(Actor actor, WebhookQuery query, CancellationToken cancellationToken) =>
        await (await OpenSearchAsync(actor, query, cancellationToken)).ReadAllAsync(cancellationToken);

    /// <summary>
    /// Returns a page of the actor's deliveries that match, newest first, without their payloads. They are read as the caller gets to
    /// them.
    /// </summary>
    public async Task<LazyPage<WebhookRecord>> OpenSearchAsync(Actor actor, WebhookQuery query, CancellationToken cancellationToken)
    {
        // A page after a delivery that the call does not see is like one after a delivery that does not exist.
        if (actor.Scope is not null && query.After is { } after && await _webhooks.FindAsync(actor, after, cancellationToken) is null)
        {
            return new LazyPage<WebhookRecord>([]);
        }

        return await _webhooks.OpenSearchAsync(actor, query, cancellationToken);
    }

    /// <summary>Returns a delivery with its payload and its newest attempts, in order.</summary>
    /// <exception cref="WeftException">The actor has no such delivery.</exception>
    public async Task<(WebhookRecord Webhook, IReadOnlyList<WebhookAttempt> Attempts)> GetAsync(
        Actor actor, RunId runId, CancellationToken cancellationToken) =>
        await _webhooks.FindAsync(actor, runId, cancellationToken) ?? throw NotFound(runId);

    /// <summary>
    /// Delivers a webhook again, with the same id, and with all retries. One that waits for its next attempt is called at once, and one
    /// that is being called is not called twice.
    /// </summary>
    /// <exception cref="WeftException">The actor has no such delivery.</exception>
    public async Task ResendAsync(Actor actor, RunId runId, CancellationToken cancellationToken)
    {
        if (!await _webhooks.ResendAsync(actor, runId, _time.GetUtcNow(), cancellationToken))
        {
            throw NotFound(runId);
        }

        _signal.Set();
    }

    private static WeftException NotFound(RunId runId) => new(ProblemKind.NotFound, $"The webhook of run {runId} was not found");
}
