using System.Text.Json;

namespace Weft.Server;

/// <summary>Writes a response as server-sent events (docs/protocol/openai.md 4). Their numbers are the same at each replay.</summary>
/// <param name="frames">Writes the frames.</param>
/// <param name="response">The response.</param>
internal sealed class ResponseEvents(ResponseFrames frames, ResponseObject response) : IReplyWriter
{
    private int _items;
    private int _reasoningIndex;
    private int _textIndex;
    private ReplyMessage? _reasoning;
    private ReplyMessage? _text;

    public void Begin()
    {
        var nothing = new Reply();
        frames.Write("response.created", writer => WriteResponse(writer, nothing, withOutput: false));
        frames.Write("response.in_progress", writer => WriteResponse(writer, nothing, withOutput: false));
    }

    /// <summary>Reasoning that comes after the text of its message is only in the whole response.</summary>
    public void WriteReasoning(ReplyMessage message, ReadOnlySpan<byte> json)
    {
        if (ReferenceEquals(_text, message) || json.Length == 2)
        {
            return;
        }

        if (_reasoning is null)
        {
            _reasoning = message;
            _reasoningIndex = _items++;
            AddItem(_reasoningIndex, writer => OutputItems.WriteReasoning(writer, message, isDone: false));
            frames.Write("response.reasoning_summary_part.added", writer => WriteSummaryPart(writer, message, new GrowingText()));
        }

        frames.WriteDelta("response.reasoning_summary_text.delta", writer => WriteSummaryPlace(writer, message), json);
    }

    public void WriteText(ReplyMessage message, ReadOnlySpan<byte> json)
    {
        if (json.Length == 2)
        {
            return;
        }

        if (_text is null)
        {
            FinishReasoning();
            _text = message;
            _textIndex = _items++;
            AddItem(_textIndex, writer => OutputItems.WriteText(writer, message, isDone: false));
            frames.Write("response.content_part.added", writer => WriteContentPart(writer, message, new GrowingText()));
            frames.BeginDeltas("response.output_text.delta", writer =>
            {
                WriteTextPlace(writer, message);
                writer.WriteStartArray("logprobs"u8);
                writer.WriteEndArray();
            });
        }

        frames.WriteDelta(json);
    }

    public void Finish(ReplyMessage message)
    {
        FinishReasoning();
        if (_text is { } text)
        {
            _text = null;
            frames.Write("response.output_text.done", writer =>
            {
                WriteTextPlace(writer, text);
                writer.WritePropertyName("text"u8);
                text.Text.WriteTo(writer);
                writer.WriteStartArray("logprobs"u8);
                writer.WriteEndArray();
            });
            frames.Write("response.content_part.done", writer => WriteContentPart(writer, text, text.Text));
            FinishItem(_textIndex, writer => OutputItems.WriteText(writer, text, isDone: true));
        }
    }

    /// <summary>Writes what is known when the run has ended.</summary>
    public void End(Reply reply)
    {
        foreach (var question in OutputItems.QuestionsOf(reply))
        {
            WriteText(question, question.Text.ToJson());
            Finish(question);
        }

        foreach (var call in reply.OpenCalls)
        {
            WriteCall(call);
        }

        var last = response.StatusOf(reply) switch
        {
            "completed" => "response.completed",
            "incomplete" => "response.incomplete",
            _ => "response.failed",
        };
        frames.Write(last, writer => WriteResponse(writer, reply, withOutput: true));
    }

    /// <summary>Writes that the rest of the response is missing.</summary>
    public void Break(string message) => frames.Write("error", writer =>
    {
        writer.WriteString("code"u8, "server_error"u8);
        writer.WriteString("message"u8, message);
        writer.WriteNull("param"u8);
    });

    private void WriteCall(ReplyCall call)
    {
        var index = _items++;
        AddItem(index, writer => OutputItems.WriteCall(writer, call, isDone: false));
        var arguments = GrowingText.Encode(call.Arguments);
        frames.WriteDelta("response.function_call_arguments.delta", writer => WriteCallPlace(writer, call, index), arguments);
        frames.Write("response.function_call_arguments.done", writer =>
        {
            WriteCallPlace(writer, call, index);
            writer.WriteString("name"u8, call.Name);
            writer.WriteString("arguments"u8, call.Arguments);
        });
        FinishItem(index, writer => OutputItems.WriteCall(writer, call, isDone: true));
    }

    private void FinishReasoning()
    {
        if (_reasoning is { } reasoning)
        {
            _reasoning = null;
            frames.Write("response.reasoning_summary_text.done", writer =>
            {
                WriteSummaryPlace(writer, reasoning);
                writer.WritePropertyName("text"u8);
                reasoning.Reasoning.WriteTo(writer);
            });
            frames.Write("response.reasoning_summary_part.done", writer => WriteSummaryPart(writer, reasoning, reasoning.Reasoning));
            FinishItem(_reasoningIndex, writer => OutputItems.WriteReasoning(writer, reasoning, isDone: true));
        }
    }

    private void AddItem(int index, Action<Utf8JsonWriter> writeItem) => WriteItem("response.output_item.added", index, writeItem);

    private void FinishItem(int index, Action<Utf8JsonWriter> writeItem) => WriteItem("response.output_item.done", index, writeItem);

    private void WriteItem(string type, int index, Action<Utf8JsonWriter> writeItem) => frames.Write(type, writer =>
    {
        writer.WriteNumber("output_index"u8, index);
        writer.WritePropertyName("item"u8);
        writeItem(writer);
    });

    private void WriteResponse(Utf8JsonWriter writer, Reply reply, bool withOutput)
    {
        writer.WritePropertyName("response"u8);
        response.Write(writer, reply, withOutput);
    }

    private void WriteContentPart(Utf8JsonWriter writer, ReplyMessage message, GrowingText text)
    {
        WriteTextPlace(writer, message);
        writer.WritePropertyName("part"u8);
        OutputItems.WritePart(writer, text);
    }

    private void WriteSummaryPart(Utf8JsonWriter writer, ReplyMessage message, GrowingText text)
    {
        WriteSummaryPlace(writer, message);
        writer.WritePropertyName("part"u8);
        OutputItems.WriteSummary(writer, text);
    }

    private void WriteTextPlace(Utf8JsonWriter writer, ReplyMessage message)
    {
        writer.WriteString("item_id"u8, OutputItems.TextId(message));
        writer.WriteNumber("output_index"u8, _textIndex);
        writer.WriteNumber("content_index"u8, 0);
    }

    private void WriteSummaryPlace(Utf8JsonWriter writer, ReplyMessage message)
    {
        writer.WriteString("item_id"u8, OutputItems.ReasoningId(message));
        writer.WriteNumber("output_index"u8, _reasoningIndex);
        writer.WriteNumber("summary_index"u8, 0);
    }

    private static void WriteCallPlace(Utf8JsonWriter writer, ReplyCall call, int index)
    {
        writer.WriteString("item_id"u8, OutputItems.CallId(call));
        writer.WriteNumber("output_index"u8, index);
    }
}
