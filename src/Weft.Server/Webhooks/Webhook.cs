using System.Text.Json;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Server;

/// <summary>A call of the webhook of a run that has ended (docs/protocol/runs.md C9).</summary>
/// <param name="Url">The address. If it begins with <c>/</c>, it is a path of this server.</param>
/// <param name="Run">The run as it ended.</param>
/// <param name="Outcome">How it ended.</param>
internal sealed record Webhook(string Url, RunRecord Run, RunOutcome Outcome)
{
    /// <summary>The webhook of a run; null when it has none.</summary>
    public static Webhook? Of(RunRecord run, RunOutcome outcome) => outcome.Webhook is { } url ? new Webhook(url, run, outcome) : null;

    public byte[] Write(DateTimeOffset now) => GraphJson.Encode((webhook: this, now), static (writer, s) =>
    {
        var (_, run, outcome) = s.webhook;
        writer.WriteStartObject();
        RunJson.WriteMembers(writer, run, run.Status);
        writer.Time("run_started_at"u8, outcome.StartedAt);
        writer.Time("run_ended_at"u8, run.UpdatedAt);
        writer.Time("webhook_sent_at"u8, s.now);
        writer.WritePropertyName("values"u8);
        outcome.WriteValues(writer);
        if (outcome.Failure is { } failure)
        {
            writer.WriteString("error"u8, failure.Message);
        }

        writer.WriteEndObject();
    });
}
