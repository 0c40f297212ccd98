namespace Weft.Runs;

/// <summary>Writes what webhooks are sent. The server that calls them implements it; without one, no webhook is stored.</summary>
public interface IWebhookPayloads
{
    /// <summary>Returns a JSON object in UTF-8. It is stored with the end of the run.</summary>
    /// <param name="run">The run as it ended.</param>
    /// <param name="outcome">How it ended.</param>
    byte[] Write(RunRecord run, RunOutcome outcome);

    /// <summary>Returns the receiver of a URL, see <see cref="WebhookRecord.Receiver"/>.</summary>
    string ReceiverOf(string url);
}
