using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Weft.Graphs;

/// <summary>
/// Cuts the pieces of one message into content blocks that follow one another (docs/protocol/v2.md 6). A piece that is text
/// alone is not repeated: its <see cref="MessageChunkPart"/> continues the block, so that a token remains one part.
/// </summary>
internal sealed class MessageBlocks(StreamEmitter stream, StreamedMessage message)
{
    private static readonly LazyJson DataDelta = LazyJson.FromUtf8([.. """{"type":"data-delta","encoding":"base64"}"""u8]);

    private readonly Lock _lock = new();
    private readonly JsonObject _usage = [];
    private readonly JsonObject _metadata = [];
    private ContentBlock? _open;
    private StreamedMessage? _textParts;
    private int _index = -1;
    private bool _hasCalls;
    private bool _hasStarted;
    private bool _hasEnded;

    /// <summary>Adds a piece that is text alone. Returns the message that its part belongs to.</summary>
    /// <param name="parts">The message that the pieces of text share.</param>
    /// <param name="json">The text as a JSON string.</param>
    public StreamedMessage AddText(StreamedMessage parts, ReadOnlySpan<byte> json)
    {
        lock (_lock)
        {
            if (_hasEnded)
            {
                return parts;
            }

            Start("ai");
            var block = Continue(ContentBlockKind.Text, null);
            block.Append(json);
            return _textParts ??= parts.InBlock(_index);
        }
    }

    /// <summary>Adds a piece, or a whole message: a JSON object in the form of docs/protocol/messages.md F1.</summary>
    public void Add(ReadOnlyMemory<byte> chunk)
    {
        JsonElement json;
        try
        {
            json = GraphJson.Parse(chunk.Span);
        }
        catch (JsonException)
        {
            // Readers of the pieces get it as it is. It has no blocks.
            return;
        }

        lock (_lock)
        {
            // Results of tools are not shown as blocks. They arrive with the state.
            if (!_hasEnded && RoleOf(json) is { } role)
            {
                Start(role);
                AddContent(json);
                AddCalls(json);
                AddEnd(json);
            }
        }
    }

    /// <summary>Ends the message.</summary>
    public void End()
    {
        lock (_lock)
        {
            if (_hasStarted && !_hasEnded)
            {
                Close();
                var reason = TextOf(_metadata, "finish_reason") ?? (_hasCalls ? "tool_calls" : "stop");
                stream.Emit(new MessageFinishPart(message, reason, Encode(_usage), Encode(_metadata)));
            }

            _hasEnded = true;
        }
    }

    /// <summary>Ends the message if it is not done, because its node failed.</summary>
    public void Fail(string text)
    {
        lock (_lock)
        {
            if (_hasStarted && !_hasEnded)
            {
                stream.Emit(new MessageErrorPart(message, text));
            }

            _hasEnded = true;
        }
    }

    private static string? RoleOf(JsonElement json) => TextOf(json, "type") switch
    {
        "AIMessageChunk" or "ai" => "ai",
        "HumanMessageChunk" or "human" => "human",
        "SystemMessageChunk" or "system" => "system",
        _ => null,
    };

    private void Start(string role)
    {
        if (!_hasStarted)
        {
            _hasStarted = true;
            stream.Emit(new MessageStartPart(message, role));
        }
    }

    private void AddContent(JsonElement json)
    {
        if (!json.TryGetProperty("content"u8, out var content))
        {
            return;
        }

        if (content.ValueKind == JsonValueKind.Array)
        {
            foreach (var block in content.EnumerateArray())
            {
                AddBlock(block);
            }
        }
        else
        {
            AddPiece(ContentBlockKind.Text, null, content);
        }
    }

    private void AddBlock(JsonElement block)
    {
        switch (block.ValueKind == JsonValueKind.Object ? TextOf(block, "type") : null)
        {
            case null when block.ValueKind != JsonValueKind.Object:
                AddPiece(ContentBlockKind.Text, null, block);
                break;
            case "text":
                AddPiece(ContentBlockKind.Text, block, MemberOf(block, "text"));
                break;
            case "reasoning":
                AddPiece(ContentBlockKind.Reasoning, block, MemberOf(block, "reasoning"));
                break;
            case "thinking":
                AddPiece(ContentBlockKind.Reasoning, block, MemberOf(block, "thinking"));
                break;
            case "tool_use" or "input_json_delta" or "tool_call" or "tool_call_chunk":
                // The message has its calls in a list of their own too.
                break;
            default:
                AddWhole(StandardBlock.Of(block));
                break;
        }
    }

    /// <summary>Adds text or reasoning. It continues the open block if that is of the same kind and index.</summary>
    private void AddPiece(ContentBlockKind kind, JsonElement? block, JsonElement? text)
    {
        var raw = text is { ValueKind: JsonValueKind.String } given ? JsonMarshal.GetRawUtf8Value(given) : "\"\""u8;
        if (raw.Length == 2 && block is null)
        {
            return;
        }

        var open = Continue(kind, block is { } indexed ? IndexOf(indexed) : null);
        if (block is { } members)
        {
            open.Note(members);
        }

        if (raw.Length > 2)
        {
            Emit(MessageBlockPhase.Delta, open.AppendDelta(raw));
        }
    }

    /// <summary>Adds a block that comes whole. Data comes between its start and its finish, as one piece.</summary>
    private void AddWhole(StandardBlock block)
    {
        Close();
        _index++;
        var content = Encode(block.Members)!;
        Emit(MessageBlockPhase.Start, content);
        if (block.Data is { } data)
        {
            Emit(MessageBlockPhase.Delta, DataDelta, data);
        }

        Emit(MessageBlockPhase.Finish, content, block.Data);
    }

    /// <summary>Chunks have pieces of calls, and whole messages have the calls.</summary>
    private void AddCalls(JsonElement json)
    {
        if (MemberOf(json, "tool_call_chunks") is { ValueKind: JsonValueKind.Array } pieces && pieces.GetArrayLength() > 0)
        {
            foreach (var piece in pieces.EnumerateArray().Where(static piece => piece.ValueKind == JsonValueKind.Object))
            {
                AddCall(piece, TextOf(piece, "args") ?? "", IndexOf(piece));
            }
        }
        else if (MemberOf(json, "tool_calls") is { ValueKind: JsonValueKind.Array } calls)
        {
            foreach (var call in calls.EnumerateArray().Where(static call => call.ValueKind == JsonValueKind.Object))
            {
                AddCall(call, MemberOf(call, "args")?.GetRawText() ?? "{}", null);
            }
        }
    }

    private void AddCall(JsonElement call, string args, string? index)
    {
        _hasCalls = true;
        var (id, name) = (TextOf(call, "id"), TextOf(call, "name"));
        var continues = _open is { Kind: ContentBlockKind.Call } known
            && (index is null ? id is null && name is null : known.Index == index && (id is null || id == known.CallId));
        if (!continues)
        {
            Open(new ContentBlock(ContentBlockKind.Call, index) { CallId = id, CallName = name });
        }

        if (args.Length > 0)
        {
            var json = GraphJson.Encode(args, static (writer, args) => writer.WriteStringValue(args));
            Emit(MessageBlockPhase.Delta, _open!.AppendDelta(json));
        }
    }

    private void AddEnd(JsonElement json)
    {
        if (MemberOf(json, "usage_metadata") is { ValueKind: JsonValueKind.Object } usage)
        {
            ChunkMerge.Into(_usage, JsonObject.Create(usage.Clone())!);
        }

        if (MemberOf(json, "response_metadata") is { ValueKind: JsonValueKind.Object } metadata)
        {
            ChunkMerge.Into(_metadata, JsonObject.Create(metadata.Clone())!);
        }

        if (TextOf(json, "chunk_position") == "last")
        {
            End();
        }
    }

    private ContentBlock Continue(ContentBlockKind kind, string? index)
    {
        if (_open is { } open && open.Kind == kind && open.Index == index)
        {
            return open;
        }

        return Open(new ContentBlock(kind, index));
    }

    private ContentBlock Open(ContentBlock block)
    {
        Close();
        _open = block;
        _index++;
        Emit(MessageBlockPhase.Start, block.Start());
        return block;
    }

    private void Close()
    {
        if (_open is { } open)
        {
            Emit(MessageBlockPhase.Finish, open.Finish());
            _open = null;
            _textParts = null;
        }
    }

    private void Emit(MessageBlockPhase phase, LazyJson content, LazyJson? data = null) =>
        stream.Emit(new MessageBlockPart(message, phase, _index, content, data));

    private static LazyJson? Encode(JsonObject members) =>
        members.Count == 0 ? null : LazyJson.FromUtf8(GraphJson.Encode(members, static (writer, members) => members.WriteTo(writer)));

    private static JsonElement? MemberOf(JsonElement json, string name) => json.TryGetProperty(name, out var value) ? value : null;

    private static string? TextOf(JsonElement json, string name) =>
        MemberOf(json, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    private static string? TextOf(JsonObject json, string name) =>
        json[name] is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    private static string? IndexOf(JsonElement piece) => MemberOf(piece, "index")?.GetRawText();
}
