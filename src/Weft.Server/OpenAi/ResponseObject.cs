using System.Text.Json;
using Weft.Runs;

namespace Weft.Server;

/// <summary>Writes a response (docs/protocol/openai.md 4).</summary>
/// <param name="run">The run.</param>
/// <param name="echo">What the response repeats of its request.</param>
internal sealed class ResponseObject(RunRecord run, JsonElement echo)
{
    /// <summary>Writes the response.</summary>
    /// <param name="writer">The target.</param>
    /// <param name="reply">The reply.</param>
    /// <param name="withOutput">Whether to write the output, which the first events of a stream do not have.</param>
    public void Write(Utf8JsonWriter writer, Reply reply, bool withOutput = true)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, ResponseId.Of(run.RunId));
        writer.WriteString("object"u8, "response"u8);
        writer.WriteNumber("created_at"u8, run.CreatedAt.ToUnixTimeSeconds());
        writer.WriteString("status"u8, StatusOf(reply));
        WriteProblems(writer, reply);
        foreach (var member in echo.EnumerateObject())
        {
            member.WriteTo(writer);
        }

        writer.WriteStartArray("output"u8);
        if (withOutput)
        {
            OutputItems.Write(writer, reply);
        }

        writer.WriteEndArray();
        if (reply.Status is null)
        {
            writer.WriteNull("usage"u8);
        }
        else
        {
            reply.Usage.WriteOfResponse(writer);
        }

        ReplyJson.WriteExtension(writer, run, ResponseEcho.IsStored(echo), reply.Interrupts);
        writer.WriteEndObject();
    }

    /// <summary>Returns the status of the response as the reply shows it.</summary>
    public string StatusOf(Reply reply) => reply.Status switch
    {
        null => run.Status == RunStatus.Pending ? "queued" : "in_progress",
        RunStatus.Success => reply.FinishReason is "length" or "content_filter" ? "incomplete" : "completed",
        RunStatus.Interrupted => "cancelled",
        _ => "failed",
    };

    private static void WriteProblems(Utf8JsonWriter writer, Reply reply)
    {
        if (reply.Status is not RunStatus.Interrupted && reply.Failure is { } failure)
        {
            writer.WriteStartObject("error"u8);
            writer.WriteString("code"u8, "server_error"u8);
            writer.WriteString("message"u8, failure.Message);
            writer.WriteEndObject();
        }
        else
        {
            writer.WriteNull("error"u8);
        }

        if (reply.Status == RunStatus.Success && reply.FinishReason is "length" or "content_filter")
        {
            writer.WriteStartObject("incomplete_details"u8);
            writer.WriteString("reason"u8, reply.FinishReason == "length" ? "max_output_tokens"u8 : "content_filter"u8);
            writer.WriteEndObject();
        }
        else
        {
            writer.WriteNull("incomplete_details"u8);
        }
    }
}
