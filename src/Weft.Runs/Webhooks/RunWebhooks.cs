using Microsoft.Extensions.Logging;

namespace Weft.Runs;

/// <summary>Makes the delivery of a run that ends, which is stored in the same transaction as the end.</summary>
internal sealed partial class RunWebhooks(WebhookSignal signal, SafeLogger<RunWebhooks> logger, IWebhookPayloads? payloads = null)
{
    /// <summary>Returns the delivery; null if the run has no webhook.</summary>
    public WebhookRecord? Of(RunRecord run, RunSpec spec, RunOutcome outcome)
    {
        if (spec.Webhook is not { } url || payloads is null)
        {
            return null;
        }

        return new WebhookRecord
        {
            RunId = run.RunId,
            ThreadId = run.ThreadId,
            Owner = run.Owner,
            Url = url,
            Receiver = payloads.ReceiverOf(url),
            Payload = Write(payloads, run, outcome),
            DueAt = run.UpdatedAt,
            SeriesAt = run.UpdatedAt,
            CreatedAt = run.UpdatedAt,
        };
    }

    /// <summary>Wakes the sender, after the commit.</summary>
    public void Wake() => signal.Set();

    private byte[] Write(IWebhookPayloads payloads, RunRecord run, RunOutcome outcome)
    {
        try
        {
            return payloads.Write(run, outcome);
        }
        catch (Exception e)
        {
            // A retry would fail too, and the run must end.
            LogWithoutValues(run.RunId, e);
            return payloads.Write(run, outcome.WithoutValues());
        }
    }

    [LoggerMessage(1, LogLevel.Error, "The webhook of run {RunId} is sent without values, because they can't be written as JSON.")]
    private partial void LogWithoutValues(RunId runId, Exception exception);
}
