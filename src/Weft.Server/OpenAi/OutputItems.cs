using System.Text.Json;

namespace Weft.Server;

/// <summary>
/// Writes the items of a response's output. The ids of items are made of those of messages and calls, so that a stream and a response
/// that is read later have the same.
/// </summary>
internal static class OutputItems
{
    public static string TextId(ReplyMessage message) => "msg_" + message.Id;

    public static string ReasoningId(ReplyMessage message) => "rs_" + message.Id;

    public static string CallId(ReplyCall call) => "fc_" + call.Id;

    /// <summary>Returns the questions of a reply as messages: a client that does not know of questions shows them as text.</summary>
    public static IEnumerable<ReplyMessage> QuestionsOf(Reply reply)
    {
        foreach (var interrupt in reply.Interrupts)
        {
            var message = new ReplyMessage(interrupt.Id);
            message.Text.Append(GrowingText.Encode(QuestionText.Of(interrupt)));
            yield return message;
        }
    }

    /// <summary>Writes all items. Calls that tools of the server answered are not among them.</summary>
    public static void Write(Utf8JsonWriter writer, Reply reply)
    {
        foreach (var message in reply.Messages.Concat(QuestionsOf(reply)))
        {
            if (!message.Reasoning.IsEmpty)
            {
                WriteReasoning(writer, message, isDone: true);
            }

            if (!message.Text.IsEmpty)
            {
                WriteText(writer, message, isDone: true);
            }
        }

        foreach (var call in reply.OpenCalls)
        {
            WriteCall(writer, call, isDone: true);
        }
    }

    public static void WriteReasoning(Utf8JsonWriter writer, ReplyMessage message, bool isDone)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, ReasoningId(message));
        writer.WriteString("type"u8, "reasoning"u8);
        writer.WriteString("status"u8, StatusOf(isDone));
        writer.WriteStartArray("summary"u8);
        if (isDone)
        {
            WriteSummary(writer, message.Reasoning);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    public static void WriteText(Utf8JsonWriter writer, ReplyMessage message, bool isDone)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, TextId(message));
        writer.WriteString("type"u8, "message"u8);
        writer.WriteString("status"u8, StatusOf(isDone));
        writer.WriteString("role"u8, "assistant"u8);
        writer.WriteStartArray("content"u8);
        if (isDone)
        {
            WritePart(writer, message.Text);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    public static void WriteCall(Utf8JsonWriter writer, ReplyCall call, bool isDone)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, CallId(call));
        writer.WriteString("type"u8, "function_call"u8);
        writer.WriteString("status"u8, StatusOf(isDone));
        writer.WriteString("call_id"u8, call.Id);
        writer.WriteString("name"u8, call.Name);
        writer.WriteString("arguments"u8, isDone ? call.Arguments : "");
        writer.WriteEndObject();
    }

    /// <summary>Writes a part of the content.</summary>
    public static void WritePart(Utf8JsonWriter writer, GrowingText text)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "output_text"u8);
        writer.WritePropertyName("text"u8);
        text.WriteTo(writer);
        writer.WriteStartArray("annotations"u8);
        writer.WriteEndArray();
        writer.WriteStartArray("logprobs"u8);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>Writes a part of the summary of a reasoning.</summary>
    public static void WriteSummary(Utf8JsonWriter writer, GrowingText text)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "summary_text"u8);
        writer.WritePropertyName("text"u8);
        text.WriteTo(writer);
        writer.WriteEndObject();
    }

    private static ReadOnlySpan<byte> StatusOf(bool isDone) => isDone ? "completed"u8 : "in_progress"u8;
}
