using System.Runtime.InteropServices;
using System.Text.Json;
using Weft.Graphs;

namespace Weft.Server;

/// <summary>
/// Writes the messages of a run (docs/protocol/agui.md 6). A text block is a text message, a reasoning block a reasoning message and
/// a tool call a tool call: each begins, grows and ends. Other content has no events.
/// </summary>
internal sealed class AgUiMessageEvents(AgUiFrames frames)
{
    private readonly Dictionary<(string MessageId, int Index), OpenBlock> _open = [];
    private readonly Dictionary<string, string> _roles = [];
    private readonly Dictionary<string, int> _reasonings = [];

    // The pieces of a text follow one another and share this object.
    private StreamedMessage? _lastMessage;
    private OpenBlock? _lastBlock;

    public void Write(MessageStartPart part) => _roles[part.Message.Id] = part.Role switch
    {
        "human" => "user",
        "system" => "system",
        _ => "assistant",
    };

    /// <summary>Writes a piece of text.</summary>
    public void Write(MessageChunkPart part)
    {
        if (!ReferenceEquals(_lastMessage, part.Message))
        {
            _lastMessage = part.Message;
            _lastBlock = _open.GetValueOrDefault((part.Message.Id, part.Message.BlockIndex));
        }

        // The start of a block may be among events that the reader was too slow for.
        if (_lastBlock is { } block)
        {
            frames.WriteDelta(block.Head, part.TextJson.Span);
        }
    }

    public void Write(MessageBlockPart part)
    {
        var key = (part.Message.Id, part.Index);
        switch (part.Phase)
        {
            case MessageBlockPhase.Start when Begin(part.Message.Id, part.Index, GraphJson.Parse(part.Content.Utf8.Span)) is { } block:
                _open[key] = block;
                break;
            case MessageBlockPhase.Delta when _open.TryGetValue(key, out var known)
                && GraphJson.Parse(part.Content.Utf8.Span).TryGetProperty(known.Member, out var text):
                frames.WriteDelta(known.Head, JsonMarshal.GetRawUtf8Value(text));
                break;
            case MessageBlockPhase.Finish when _open.Remove(key, out var ended):
                End(ended);
                break;
        }
    }

    /// <summary>Writes the result of a tool call, if the part is a message that has one.</summary>
    public void WriteResult(MessageChunkPart part)
    {
        var content = part.Read();
        if (content.ToolCallId is { } callId)
        {
            frames.Write("TOOL_CALL_RESULT", (part.Message.Id, callId, content), static (writer, s) =>
            {
                writer.WriteString("messageId"u8, s.Id);
                writer.WriteString("toolCallId"u8, s.callId);
                writer.WriteString("content"u8, s.content.Text ?? (s.content.Blocks is { } blocks ? AgUiSnapshot.ContentText(blocks) : ""));
                writer.WriteString("role"u8, "tool"u8);
            });
        }
    }

    /// <summary>Ends what is open of a message.</summary>
    public void End(string messageId)
    {
        foreach (var key in _open.Keys.Where(key => key.MessageId == messageId).ToList())
        {
            _open.Remove(key, out var block);
            End(block!);
        }

        _roles.Remove(messageId);
        _reasonings.Remove(messageId);
    }

    /// <summary>Ends everything that is open.</summary>
    public void EndAll()
    {
        foreach (var id in _open.Keys.Select(key => key.MessageId).Distinct().ToList())
        {
            End(id);
        }
    }

    private OpenBlock? Begin(string messageId, int index, JsonElement content)
    {
        _lastMessage = null;
        switch (AgUiFields.TextOrNull(content, "type"))
        {
            case "text":
                Begin("TEXT_MESSAGE_START", messageId, _roles.GetValueOrDefault(messageId, "assistant"));
                return new OpenBlock(BlockKind.Text, messageId, "text", "TEXT_MESSAGE_CONTENT", "messageId");
            case "reasoning":
                var number = _reasonings.GetValueOrDefault(messageId);
                _reasonings[messageId] = number + 1;
                var id = AgUiSnapshot.ReasoningId(messageId, number);
                Begin("REASONING_START", id, null);
                Begin("REASONING_MESSAGE_START", id, "reasoning");
                return new OpenBlock(BlockKind.Reasoning, id, "reasoning", "REASONING_MESSAGE_CONTENT", "messageId");
            case "tool_call_chunk":
                return BeginCall(messageId, index, content);
            default:
                return null;
        }
    }

    private OpenBlock BeginCall(string messageId, int index, JsonElement content)
    {
        var id = AgUiFields.TextOrNull(content, "id") is { Length: > 0 } given && !IsOpenCall(given) ? given : $"{messageId}-{index}";
        var name = AgUiFields.TextOrNull(content, "name") ?? "";
        frames.Write("TOOL_CALL_START", (id, name, messageId), static (writer, s) =>
        {
            writer.WriteString("toolCallId"u8, s.id);
            writer.WriteString("toolCallName"u8, s.name);
            writer.WriteString("parentMessageId"u8, s.messageId);
        });
        return new OpenBlock(BlockKind.Call, id, "args", "TOOL_CALL_ARGS", "toolCallId");
    }

    private bool IsOpenCall(string id) => _open.Values.Any(block => block.Kind == BlockKind.Call && block.Id == id);

    private void Begin(string type, string id, string? role) => frames.Write(type, (id, role), static (writer, s) =>
    {
        writer.WriteString("messageId"u8, s.id);
        if (s.role is not null)
        {
            writer.WriteString("role"u8, s.role);
        }
    });

    private void End(OpenBlock block)
    {
        _lastMessage = null;
        switch (block.Kind)
        {
            case BlockKind.Text:
                End("TEXT_MESSAGE_END", "messageId", block.Id);
                break;
            case BlockKind.Reasoning:
                End("REASONING_MESSAGE_END", "messageId", block.Id);
                End("REASONING_END", "messageId", block.Id);
                break;
            default:
                End("TOOL_CALL_END", "toolCallId", block.Id);
                break;
        }
    }

    private void End(string type, string member, string id) =>
        frames.Write(type, (member, id), static (writer, s) => writer.WriteString(s.member, s.id));

    private enum BlockKind
    {
        Text,
        Reasoning,
        Call,
    }

    /// <summary>A block that has begun.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="id">The id of the message or the call that shows it.</param>
    /// <param name="member">The member of its deltas that has the piece.</param>
    /// <param name="deltaType">The type of the events that show the pieces.</param>
    /// <param name="idMember">The member of these events that has the id.</param>
    private sealed class OpenBlock(BlockKind kind, string id, string member, string deltaType, string idMember)
    {
        public BlockKind Kind => kind;

        public string Id => id;

        public string Member => member;

        public byte[] Head { get; } = AgUiFrames.Head(deltaType, idMember, id);
    }
}
