using Weft.Runs;

namespace Weft.Server;

/// <summary>Hands the webhooks of runs that have ended to the sender; a run does not wait for its webhook.</summary>
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
