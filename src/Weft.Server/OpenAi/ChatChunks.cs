using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Server;

/// <summary>Writes a chat completion as chunks in server-sent events (docs/protocol/openai.md 2).</summary>
internal sealed class ChatChunks : IReplyWriter
{
    private readonly PipeWriter _output;
    private readonly ChatCompletion _completion;
    private readonly bool _includeUsage;
    private readonly byte[] _contentHead;
    private readonly byte[] _reasoningHead;
    private readonly byte[] _tail;
    private ReplyMessage? _texts;
    private ReplyMessage? _reasonings;

    public ChatChunks(PipeWriter output, ChatCompletion completion, bool includeUsage)
    {
        _output = output;
        _completion = completion;
        _includeUsage = includeUsage;
        var head = GraphJson.Encode(completion, static (writer, completion) =>
        {
            writer.WriteStartObject();
            completion.WriteHead(writer, "chat.completion.chunk"u8);
        });
        _contentHead = [.. "data: "u8, .. head, .. ",\"choices\":[{\"index\":0,\"delta\":{\"content\":"u8];
        _reasoningHead = [.. "data: "u8, .. head, .. ",\"choices\":[{\"index\":0,\"delta\":{\"reasoning_content\":"u8];
        _tail =
        [
            .. "},\"logprobs\":null,\"finish_reason\":null}]"u8,
            .. includeUsage ? ",\"usage\":null"u8 : ""u8,
            .. "}\n\n"u8,
        ];
    }

    public void Begin() => Write(static writer =>
    {
        writer.WriteString("role"u8, "assistant"u8);
        writer.WriteString("content"u8, ""u8);
    });

    public void WriteReasoning(ReplyMessage message, ReadOnlySpan<byte> json) => WritePiece(_reasoningHead, ref _reasonings, message, json);

    public void WriteText(ReplyMessage message, ReadOnlySpan<byte> json) => WritePiece(_contentHead, ref _texts, message, json);

    public void Finish(ReplyMessage message)
    {
    }

    /// <summary>Writes what is known when the run has ended.</summary>
    public void End(Reply reply)
    {
        if (reply.Failure is { } failure)
        {
            WriteData(writer => OpenAiErrors.Write(writer, failure));
        }
        else
        {
            foreach (var interrupt in reply.Interrupts)
            {
                WriteText(new ReplyMessage(interrupt.Id), GrowingText.Encode(QuestionText.Of(interrupt)));
            }

            if (reply.OpenCalls is { Count: > 0 } calls)
            {
                Write(writer => ChatCompletion.WriteCalls(writer, calls, withIndex: true));
            }

            Write(static _ => { }, reply);
            if (_includeUsage)
            {
                WriteData(writer =>
                {
                    _completion.WriteHead(writer, "chat.completion.chunk"u8);
                    writer.WriteStartArray("choices"u8);
                    writer.WriteEndArray();
                    reply.Usage.WriteOfChat(writer);
                });
            }
        }

        _output.Write("data: [DONE]\n\n"u8);
    }

    /// <summary>Writes that the rest of the answer is missing.</summary>
    public void Break(string message)
    {
        WriteData(writer => OpenAiErrors.Write(writer, new RunFailure("Error", message)));
        _output.Write("data: [DONE]\n\n"u8);
    }

    private void WritePiece(byte[] head, ref ReplyMessage? last, ReplyMessage message, ReadOnlySpan<byte> json)
    {
        if (json.Length == 2)
        {
            return;
        }

        if (!ReferenceEquals(last, message))
        {
            if (last is not null)
            {
                WritePiece(head, ReplyJson.Gap);
            }

            last = message;
        }

        WritePiece(head, json);
    }

    /// <summary>Writes a piece at once, because the calls of the pipe for each piece are a measurable cost.</summary>
    private void WritePiece(byte[] head, ReadOnlySpan<byte> json)
    {
        var length = head.Length + json.Length + _tail.Length;
        var span = _output.GetSpan(length);
        head.CopyTo(span);
        json.CopyTo(span[head.Length..]);
        _tail.CopyTo(span[(head.Length + json.Length)..]);
        _output.Advance(length);
    }

    /// <summary>Writes a chunk; the last one if <paramref name="end"/> is not null.</summary>
    private void Write(Action<Utf8JsonWriter> writeDelta, Reply? end = null) => WriteData(writer =>
    {
        _completion.WriteHead(writer, "chat.completion.chunk"u8);
        writer.WriteStartArray("choices"u8);
        writer.WriteStartObject();
        writer.WriteNumber("index"u8, 0);
        writer.WriteStartObject("delta"u8);
        writeDelta(writer);
        writer.WriteEndObject();
        writer.WriteNull("logprobs"u8);
        writer.WriteString("finish_reason"u8, end?.FinishReason);
        writer.WriteEndObject();
        writer.WriteEndArray();
        if (_includeUsage)
        {
            writer.WriteNull("usage"u8);
        }

        if (end is not null)
        {
            _completion.WriteExtension(writer, end);
        }
    });

    private void WriteData(Action<Utf8JsonWriter> writeMembers)
    {
        _output.Write("data: "u8);
        _output.Write(GraphJson.Encode(writeMembers, static (writer, writeMembers) =>
        {
            writer.WriteStartObject();
            writeMembers(writer);
            writer.WriteEndObject();
        }));
        _output.Write("\n\n"u8);
    }
}
