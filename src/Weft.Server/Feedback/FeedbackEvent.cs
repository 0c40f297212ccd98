using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using Weft.Runs;

namespace Weft.Server;

/// <summary>The event <c>feedback</c> of a stream, before the end of a run (docs/protocol/streaming.md D2).</summary>
/// <param name="urls">Signs the URLs.</param>
/// <param name="signingKey">What they are signed with.</param>
/// <param name="address">What comes before the token in a URL.</param>
/// <param name="reader">The stream.</param>
internal sealed class FeedbackEvent(FeedbackUrls urls, byte[] signingKey, string address, RunStreamReader reader)
{
    /// <summary>
    /// Writes the event; false if the run was deleted at its end or its URLs have expired. The event has no id: a client that
    /// resumes after the event before it gets it again.
    /// </summary>
    public bool Write(PipeWriter output, RunEvent end)
    {
        var run = new RunKey(reader.ThreadId, reader.RunId);
        if (end.Cancel == CancelAction.Rollback || urls.Sign(signingKey, run, "", end.CreatedAt) is null)
        {
            return false;
        }

        output.Write("event: feedback\ndata: "u8);
        using (var writer = new Utf8JsonWriter(output, JsonResponse.WriterOptions))
        {
            writer.WriteStartObject();
            foreach (var key in reader.FeedbackKeys)
            {
                writer.WriteString(key, $"{address}/{urls.Sign(signingKey, run, key, end.CreatedAt)}");
            }

            writer.WriteEndObject();
        }

        output.Write("\n\n"u8);
        return true;
    }
}
