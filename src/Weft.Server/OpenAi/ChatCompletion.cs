using System.Text.Json;
using Weft.Runs;

namespace Weft.Server;

/// <summary>Writes chat completions (docs/protocol/openai.md 2).</summary>
/// <param name="run">The run.</param>
/// <param name="model">The model, as the request names it.</param>
/// <param name="isKept">Whether the thread is kept.</param>
internal sealed class ChatCompletion(RunRecord run, string model, bool isKept)
{
    public void Write(Utf8JsonWriter writer, Reply reply)
    {
        writer.WriteStartObject();
        WriteHead(writer, "chat.completion"u8);
        writer.WriteStartArray("choices"u8);
        writer.WriteStartObject();
        writer.WriteNumber("index"u8, 0);
        writer.WriteStartObject("message"u8);
        WriteMessage(writer, reply);
        writer.WriteEndObject();
        writer.WriteNull("logprobs"u8);
        writer.WriteString("finish_reason"u8, reply.FinishReason);
        writer.WriteEndObject();
        writer.WriteEndArray();
        reply.Usage.WriteOfChat(writer);
        WriteExtension(writer, reply);
        writer.WriteEndObject();
    }

    public void WriteHead(Utf8JsonWriter writer, ReadOnlySpan<byte> type)
    {
        writer.WriteString("id"u8, $"chatcmpl-{run.RunId.Value:N}");
        writer.WriteString("object"u8, type);
        writer.WriteNumber("created"u8, run.CreatedAt.ToUnixTimeSeconds());
        writer.WriteString("model"u8, model);
    }

    public void WriteExtension(Utf8JsonWriter writer, Reply reply) => ReplyJson.WriteExtension(writer, run, isKept, reply.Interrupts);

    /// <summary>Writes the calls that the client has to answer.</summary>
    /// <param name="writer">The target.</param>
    /// <param name="calls">The calls.</param>
    /// <param name="withIndex">Whether each has its place, as in chunks.</param>
    public static void WriteCalls(Utf8JsonWriter writer, IReadOnlyList<ReplyCall> calls, bool withIndex)
    {
        writer.WriteStartArray("tool_calls"u8);
        for (var i = 0; i < calls.Count; i++)
        {
            writer.WriteStartObject();
            if (withIndex)
            {
                writer.WriteNumber("index"u8, i);
            }

            writer.WriteString("id"u8, calls[i].Id);
            writer.WriteString("type"u8, "function"u8);
            writer.WriteStartObject("function"u8);
            writer.WriteString("name"u8, calls[i].Name);
            writer.WriteString("arguments"u8, calls[i].Arguments);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteMessage(Utf8JsonWriter writer, Reply reply)
    {
        writer.WriteString("role"u8, "assistant"u8);
        var text = Join(
            [.. reply.Messages.Select(message => message.Text), .. reply.Interrupts.Select(interrupt => QuestionOf(interrupt))]);
        var calls = reply.OpenCalls;
        writer.WritePropertyName("content"u8);
        if (text.IsEmpty && calls.Count > 0)
        {
            writer.WriteNullValue();
        }
        else
        {
            text.WriteTo(writer);
        }

        writer.WriteNull("refusal"u8);
        if (Join([.. reply.Messages.Select(message => message.Reasoning)]) is { IsEmpty: false } reasoning)
        {
            writer.WritePropertyName("reasoning_content"u8);
            reasoning.WriteTo(writer);
        }

        if (calls.Count > 0)
        {
            WriteCalls(writer, calls, withIndex: false);
        }
    }

    private static GrowingText QuestionOf(Graphs.Interrupt interrupt)
    {
        var text = new GrowingText();
        text.Append(GrowingText.Encode(QuestionText.Of(interrupt)));
        return text;
    }

    private static GrowingText Join(IEnumerable<GrowingText> texts)
    {
        var joined = new GrowingText();
        foreach (var text in texts.Where(text => !text.IsEmpty))
        {
            if (!joined.IsEmpty)
            {
                joined.Append(ReplyJson.Gap);
            }

            joined.Append(text);
        }

        return joined;
    }
}
