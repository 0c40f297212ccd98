using System.Text;
using System.Text.Json;
using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;
using Weft.Agents;
using Weft.Graphs;

namespace Weft.AgentFramework;

/// <summary>
/// Makes the pieces of messages that a graph streams updates of an agent. A tool call waits for its result, because a call without one would
/// ask the caller to make it.
/// </summary>
internal sealed class GraphUpdates(AIAgent agent)
{
    private readonly string _responseId = NewId.Uuid();
    private readonly Dictionary<(string Message, int Index), CallInPieces> _pieces = [];
    private readonly List<(string Message, FunctionCallContent Call)> _calls = [];

    public IEnumerable<AgentResponseUpdate> Read(MessageChunkPart part)
    {
        var id = part.Message.Id;
        if (part.Text is { } text)
        {
            return [Update(ChatRole.Assistant, id, [new TextContent(text)])];
        }

        var json = GraphJson.Parse(part.ToChunk());
        return JsonText.Of(json, "type")?.EndsWith("Chunk", StringComparison.Ordinal) == true
            ? ReadPiece(id, json, part.Read())
            : ReadWhole(id, Message.FromJson(json));
    }

    /// <summary>Returns the updates at the end of a run.</summary>
    /// <param name="questions">The questions that the graph asks.</param>
    /// <param name="messages">The conversation.</param>
    public IEnumerable<AgentResponseUpdate> End(IReadOnlyList<Interrupt> questions, IReadOnlyList<Message> messages)
    {
        CompletePieces();
        var open = _calls.ConvertAll(one => one.Call);
        if (open.Count == 0 && messages is [.., { Type: "ai" } last])
        {
            // The calls were made in an earlier run.
            open = [.. last.ToChatMessage().Contents.OfType<FunctionCallContent>()];
        }

        foreach (var question in questions)
        {
            yield return Update(ChatRole.Assistant, NewId.Uuid(), [.. GraphQuestions.ContentsOf(question, open)]);
        }

        foreach (var (message, call) in _calls.Where(one => open.Contains(one.Call)))
        {
            yield return Update(ChatRole.Assistant, message, [call]);
        }
    }

    private IEnumerable<AgentResponseUpdate> ReadPiece(string id, JsonElement json, ChunkContent piece)
    {
        foreach (var call in piece.ToolCallChunks)
        {
            var key = (id, call.Index ?? _pieces.Keys.Count(known => known.Message == id));
            if (!_pieces.TryGetValue(key, out var known))
            {
                _pieces[key] = known = new CallInPieces();
            }

            known.Id ??= call.Id;
            known.Name ??= call.Name;
            known.Args.Append(call.Args);
        }

        List<AIContent> contents = json.TryGetProperty("content"u8, out var content) ? ContentBlocks.Read(content) : [];
        if (piece.Usage is { } usage)
        {
            contents.Add(new UsageContent(UsageOf(usage)));
        }

        if (contents.Count > 0 || piece.FinishReason is not null)
        {
            var update = Update(ChatRole.Assistant, id, contents);
            update.FinishReason = piece.FinishReason is { } reason ? new ChatFinishReason(reason) : null;
            yield return update;
        }
    }

    private IEnumerable<AgentResponseUpdate> ReadWhole(string id, Message message)
    {
        var chat = message.ToChatMessage();
        if (chat.Role == ChatRole.Tool)
        {
            CompletePieces();
            var index = _calls.FindIndex(one => one.Call.CallId == message.ToolCallId);
            if (index >= 0)
            {
                yield return Update(ChatRole.Assistant, _calls[index].Message, [_calls[index].Call]);
                _calls.RemoveAt(index);
            }

            yield return Update(ChatRole.Tool, id, chat.Contents);
        }
        else if (chat.Role == ChatRole.Assistant)
        {
            _calls.AddRange(chat.Contents.OfType<FunctionCallContent>().Select(call => (id, call)));
            yield return Update(ChatRole.Assistant, id, [.. chat.Contents.Where(content => content is not FunctionCallContent)]);
        }
    }

    private void CompletePieces()
    {
        foreach (var ((message, _), call) in _pieces)
        {
            _calls.Add((message, FunctionCallContent.CreateFromParsedArguments(
                call.Args.ToString(), call.Id ?? "", call.Name ?? "", static text => ToolArguments.Read(JsonElement.Parse(text)))));
        }

        _pieces.Clear();
    }

    private AgentResponseUpdate Update(ChatRole role, string id, IList<AIContent> contents) => new(role, contents)
    {
        AgentId = agent.Id,
        AuthorName = agent.Name,
        MessageId = id,
        ResponseId = _responseId,
    };

    private static UsageDetails UsageOf(JsonElement usage) => new()
    {
        InputTokenCount = Count(usage, "input_tokens"),
        OutputTokenCount = Count(usage, "output_tokens"),
        TotalTokenCount = Count(usage, "total_tokens"),
    };

    private static long? Count(JsonElement usage, string name) =>
        usage.TryGetProperty(name, out var count) && count.ValueKind == JsonValueKind.Number && count.TryGetInt64(out var number) ? number : null;

    private sealed class CallInPieces
    {
        public string? Id { get; set; }

        public string? Name { get; set; }

        public StringBuilder Args { get; } = new();
    }
}
