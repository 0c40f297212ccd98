using System.Text.Json;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Server;

/// <summary>Writes the body of webhooks (docs/protocol/webhooks.md C9).</summary>
internal sealed class WebhookPayloads : IWebhookPayloads
{
    public string ReceiverOf(string url) => WebhookAddresses.ReceiverOf(url);

    public byte[] Write(RunRecord run, RunOutcome outcome) => GraphJson.Encode((run, outcome), static (writer, s) =>
    {
        var (run, outcome) = s;
        writer.WriteStartObject();
        RunJson.WriteMembers(writer, run);
        writer.Time("run_started_at"u8, outcome.StartedAt);
        writer.Time("run_ended_at"u8, run.UpdatedAt);
        writer.WritePropertyName("values"u8);
        outcome.WriteValues(writer);
        if (outcome.Failure is { } failure)
        {
            writer.WriteString("error"u8, failure.Message);
        }

        writer.WriteEndObject();
    });

    /// <summary>Returns the body of one call: the stored payload with the time of the call.</summary>
    public static byte[] At(ReadOnlySpan<byte> payload, DateTimeOffset now)
    {
        var time = GraphJson.Encode(now, static (writer, now) =>
        {
            writer.WriteStartObject();
            writer.Time("webhook_sent_at"u8, now);
            writer.WriteEndObject();
        });
        // The payload without its last brace, a comma, and the other object without its first brace.
        return [.. payload[..^1], (byte)',', .. time.AsSpan(1)];
    }
}
