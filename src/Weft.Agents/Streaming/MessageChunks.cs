using System.Text.Json;
using Microsoft.Extensions.AI;
using Weft.Graphs;

namespace Weft.Agents;

/// <summary>
/// Encodes the updates of one message of a model as chunks that clients join. They concatenate content, or merge it by
/// block index once it is more than text, and merge tool calls by their index (docs/protocol/streaming.md D5). Usage,
/// model and finish reason are sent in one last chunk, because clients add up the values of several chunks.
/// </summary>
internal sealed class MessageChunks(string id)
{
    private static readonly Action<Utf8JsonWriter, (MessageChunks Chunks, ChatResponseUpdate Update)> WriteNext =
        static (writer, s) => s.Chunks.WriteChunk(writer, s.Update);

    private static ReadOnlySpan<byte> TextTail =>
        ""","additional_kwargs":{},"response_metadata":{},"tool_calls":[],"invalid_tool_calls":[],"tool_call_chunks":[]}"""u8;

    private UsageDetails? _usage;
    private ChatFinishReason? _finishReason;
    private string? _modelId;
    private int _toolCalls;
    private int _block = -1;
    private AIContent? _lastBlock;
    private List<FunctionCallContent>? _calls;
    private byte[] _content = [];

    public string Id => id;

    /// <summary>
    /// Returns the text of an update that has nothing else to show; null for any other update. Most updates are only
    /// text.
    /// </summary>
    public string? NextText(ChatResponseUpdate update)
    {
        if (_block >= 0 || update.Contents is not [TextContent { Annotations: null, Text: { Length: > 0 } text }])
        {
            return null;
        }

        NoteEnd(update);
        return text;
    }

    /// <summary>Begins the chunks of <see cref="NextText"/>. They differ only in their text.</summary>
    public TextEmitter BeginText(MessageEmitter emitter, ModelInfo model)
    {
        var head = GraphJson.Encode(this, static (writer, chunks) => chunks.WriteHead(writer));
        return emitter.BeginText(id, head, TextTail, model);
    }

    /// <summary>Returns the chunk of a <see cref="NextText"/>.</summary>
    public byte[] TextChunk(string text)
    {
        var head = GraphJson.Encode((this, text), static (writer, s) =>
        {
            s.Item1.WriteHead(writer);
            writer.WriteStringValue(s.text);
        });
        return [.. head, .. TextTail];
    }

    /// <summary>Returns the chunk of an update; null if it has nothing to show.</summary>
    public byte[]? Next(ChatResponseUpdate update)
    {
        NoteEnd(update);
        var contents = update.Contents;
        var shown = false;
        for (var i = 0; i < contents.Count; i++)
        {
            switch (contents[i])
            {
                case TextContent text when !Citations.AreIn(text):
                    shown |= text.Text.Length > 0;
                    break;
                case UsageContent usage:
                    Add(usage.Details);
                    break;
                case FunctionResultContent:
                    break;
                case FunctionCallContent:
                    shown = true;
                    break;
                default:
                    shown = true;
                    // From here on all content is written as blocks, because clients can't append a string to a list.
                    _block = Math.Max(_block, 0);
                    break;
            }
        }

        if (!shown)
        {
            return null;
        }

        _calls = CallsOf(contents);
        return _calls is null ? GraphJson.Encode((this, update), WriteNext) : WithCalls(update, _calls);
    }

    /// <summary>
    /// Returns the chunk of <see cref="Next"/> for the mode <c>events</c>: the content, then each call in pieces.
    /// </summary>
    public IEnumerable<byte[]> InPieces(byte[] chunk)
    {
        if (_calls is null)
        {
            return [chunk];
        }

        var pieces = CallPieces.Of(id, _block >= 0, _calls, _toolCalls - _calls.Count);
        // Content of two bytes is an empty string or list.
        return _content.Length == 2 ? pieces : pieces.Prepend(Chunk(_content, []));
    }

    /// <summary>Returns the chunk that ends the message; null if it would be empty.</summary>
    public byte[]? Last() =>
        _usage is null && _finishReason is null && _modelId is null ? null : GraphJson.Encode(this, static (writer, chunks) =>
        {
            chunks.WriteHead(writer);
            writer.WriteRawValue(chunks._block < 0 ? "\"\""u8 : "[]"u8);
            var end = new ResponseEnd(chunks._usage, chunks._finishReason, chunks._modelId);
            if (end.Usage is not null)
            {
                ResponseEnd.WriteUsage(writer, end.Usage);
            }

            end.WriteMetadata(writer);
            WriteEmptyObject(writer, "additional_kwargs"u8);
            chunks.WriteToolCalls(writer, []);
            writer.WriteString("chunk_position"u8, "last"u8);
            writer.WriteEndObject();
        });

    private void NoteEnd(ChatResponseUpdate update)
    {
        _finishReason = update.FinishReason ?? _finishReason;
        _modelId ??= update.ModelId;
    }

    private void Add(UsageDetails usage)
    {
        _usage ??= new UsageDetails();
        _usage.Add(usage);
    }

    private void WriteHead(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "AIMessageChunk"u8);
        writer.WriteString("id"u8, id);
        writer.WritePropertyName("content"u8);
    }

    private byte[] WithCalls(ChatResponseUpdate update, List<FunctionCallContent> calls)
    {
        _content = GraphJson.Encode((this, update), static (writer, s) => s.Item1.WriteContent(writer, s.update));
        return Chunk(_content, calls);
    }

    private byte[] Chunk(byte[] content, List<FunctionCallContent> calls) => GraphJson.Encode((this, content, calls), static (writer, s) =>
    {
        s.Item1.WriteHead(writer);
        writer.WriteRawValue(s.content, skipInputValidation: true);
        WriteEmptyObject(writer, "additional_kwargs"u8);
        WriteEmptyObject(writer, "response_metadata"u8);
        s.Item1.WriteToolCalls(writer, s.calls);
        writer.WriteEndObject();
    });

    private void WriteChunk(Utf8JsonWriter writer, ChatResponseUpdate update)
    {
        WriteHead(writer);
        WriteContent(writer, update);
        WriteEmptyObject(writer, "additional_kwargs"u8);
        WriteEmptyObject(writer, "response_metadata"u8);
        WriteToolCalls(writer, []);
        writer.WriteEndObject();
    }

    private void WriteContent(Utf8JsonWriter writer, ChatResponseUpdate update)
    {
        if (_block < 0)
        {
            writer.WriteStringValue(update.Text);
        }
        else
        {
            WriteBlocks(writer, update.Contents);
        }
    }

    private void WriteBlocks(Utf8JsonWriter writer, IList<AIContent> contents)
    {
        writer.WriteStartArray();
        foreach (var content in ContentBlocks.Join(contents))
        {
            if (content is FunctionCallContent && _lastBlock is not null)
            {
                // Text after a call does not continue that before it.
                _lastBlock = content;
            }

            if (content is FunctionCallContent or FunctionResultContent or UsageContent
                || (content is TextContent { Text.Length: 0 } && !Citations.AreIn(content)))
            {
                continue;
            }

            if (_lastBlock is not null && !ContentBlocks.IsPartOf(_lastBlock, content))
            {
                _block++;
            }

            ContentBlocks.WriteBlock(writer, content, _block);
            _lastBlock = content;
        }

        writer.WriteEndArray();
    }

    private static List<FunctionCallContent>? CallsOf(IList<AIContent> contents)
    {
        List<FunctionCallContent>? calls = null;
        for (var i = 0; i < contents.Count; i++)
        {
            if (contents[i] is FunctionCallContent call)
            {
                (calls ??= []).Add(call);
            }
        }

        return calls;
    }

    private void WriteToolCalls(Utf8JsonWriter writer, List<FunctionCallContent> calls)
    {
        ToolArguments.WriteCalls(writer, calls, evenIfEmpty: true);
        writer.WriteStartArray("tool_call_chunks"u8);
        foreach (var call in calls)
        {
            CallPieces.WriteCall(writer, call.Name, CallPieces.ArgsOf(call), call.CallId, _toolCalls++);
        }

        writer.WriteEndArray();
    }

    private static void WriteEmptyObject(Utf8JsonWriter writer, ReadOnlySpan<byte> name)
    {
        writer.WriteStartObject(name);
        writer.WriteEndObject();
    }
}
