using Weft.Runs;

namespace Weft.Server;

/// <summary>Queues the webhook of a run when the run has ended; the run does not wait for it.</summary>
internal sealed class WebhookObserver(WebhookSender sender) : IRunObserver
{
    public ValueTask OnEndedAsync(RunRecord run, RunOutcome outcome, CancellationToken cancellationToken)
    {
        if (Webhook.Of(run, outcome) is { } webhook)
        {
            sender.Send(webhook);
        }

        return default;
    }
}
