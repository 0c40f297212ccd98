using System.Runtime.InteropServices;
using System.Text.Json;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Server;

/// <summary>
/// What a run answers: the messages that models made in the root graph, the questions of nodes, and how the run ended
/// (docs/protocol/openai.md 2). It is read from the parts of the run's stream, or from the messages that the run stored.
/// </summary>
internal sealed class Reply
{
    private readonly IReplyWriter? _writer;
    private readonly MessageOrder _order;
    private readonly HashSet<string> _answered = [];
    private readonly Dictionary<string, Interrupt> _interrupts = [];
    private readonly Dictionary<string, ReplyMessage> _open = [];
    private RunFailure? _failure;

    public Reply(IReplyWriter? writer = null)
    {
        _writer = writer;
        _order = new MessageOrder(Take);
    }

    public List<ReplyMessage> Messages { get; } = [];

    /// <summary>The final status of the run; null if it has not ended.</summary>
    public RunStatus? Status { get; private set; }

    /// <summary>Why the run failed; null if it has not.</summary>
    public RunFailure? Failure => Status switch
    {
        RunStatus.Error or RunStatus.Timeout => _failure ?? new RunFailure("Error", "The run failed."),
        RunStatus.Interrupted => new RunFailure("Cancelled", "The run was cancelled."),
        _ => null,
    };

    /// <summary>The questions that wait for answers.</summary>
    public IReadOnlyCollection<Interrupt> Interrupts => _interrupts.Values;

    /// <summary>The calls that the client has to answer: those of the last message that no tool of the server has answered.</summary>
    public IReadOnlyList<ReplyCall> OpenCalls => Status == RunStatus.Success && _interrupts.Count == 0 && Messages is [.., var last]
        ? [.. last.Calls.Where(call => !_answered.Contains(call.Id))]
        : [];

    public ReplyUsage Usage =>
        Messages.Aggregate(default(ReplyUsage), static (sum, message) => message.Usage is { } usage ? sum.Plus(usage) : sum);

    /// <summary>Why the last message ended, in the words of OpenAI's API.</summary>
    public string FinishReason => this switch
    {
        { OpenCalls.Count: > 0 } => "tool_calls",
        { Interrupts.Count: > 0 } or { Messages: [] } => "stop",
        { Messages: [.., { FinishReason: "length" or "max_tokens" }] } => "length",
        { Messages: [.., { FinishReason: "content_filter" }] } => "content_filter",
        _ => "stop",
    };

    /// <summary>Reads a reply from the messages that a run stored.</summary>
    /// <param name="messages">The messages, in order.</param>
    /// <param name="run">The run.</param>
    /// <param name="interrupts">The questions that wait for answers.</param>
    public static Reply Of(IEnumerable<Message> messages, RunRecord run, IEnumerable<Interrupt> interrupts)
    {
        var reply = new Reply
        {
            Status = run.Status is RunStatus.Pending or RunStatus.Running ? null : run.Status,
            _failure = new RunFailure("Error", run.Error ?? "The run failed."),
        };
        foreach (var message in messages)
        {
            if (message.ToolCallId is { } answered)
            {
                reply._answered.Add(answered);
            }
            else if (message.Type == "ai" && message.Id?.StartsWith(InputMessage.IdPrefix, StringComparison.Ordinal) != true)
            {
                reply.Messages.Add(ReplyMessage.Of(message));
            }
        }

        foreach (var interrupt in interrupts)
        {
            reply._interrupts.TryAdd(interrupt.Id, interrupt);
        }

        return reply;
    }

    /// <summary>Adds a part of the run's stream.</summary>
    public void Add(StreamPart part)
    {
        switch (part)
        {
            case MessageChunkPart { IsText: true, Message: { BlockIndex: >= 0 } message }:
                _order.Add(message.Id, part, isLast: false);
                break;
            case MessageStartPart start:
                _order.Add(start.Message.Id, part, isLast: false);
                break;
            case MessageBlockPart block:
                _order.Add(block.Message.Id, part, isLast: false);
                break;
            case MessageFinishPart finish:
                _order.Add(finish.Message.Id, part, isLast: true);
                break;
            case MessageErrorPart error:
                _order.Add(error.Message.Id, part, isLast: true);
                break;
            case MessageChunkPart { IsText: false, Message.IsWhole: true } whole when whole.Read().ToolCallId is { } answered:
                _answered.Add(answered);
                break;
            case InterruptsPart pause:
                AddInterrupts(pause.Interrupts);
                break;
            case RunStartedPart { Attempt: > 1 }:
                // Messages that an earlier attempt left undone are made again.
                var undone = _open.Values.ToHashSet();
                FinishAll();
                Messages.RemoveAll(undone.Contains);
                break;
            case RunErrorPart error:
                _failure = new RunFailure(error.Name, error.Message);
                break;
            case RunEndPart end:
                FinishAll();
                Status = end.Status;
                _failure ??= end.Failure;
                break;
        }
    }

    private void AddInterrupts(IEnumerable<Interrupt> interrupts)
    {
        foreach (var interrupt in interrupts)
        {
            _interrupts.TryAdd(interrupt.Id, interrupt);
        }
    }

    private void FinishAll()
    {
        _order.End();
        foreach (var message in _open.Values)
        {
            _writer?.Finish(message);
        }

        _open.Clear();
    }

    private void Take(StreamPart part)
    {
        switch (part)
        {
            case MessageStartPart { Role: "ai" } start:
                Begin(start.Message.Id);
                break;
            case MessageChunkPart chunk when _open.TryGetValue(chunk.Message.Id, out var message):
                message.Text.Append(chunk.TextJson.Span);
                _writer?.WriteText(message, chunk.TextJson.Span);
                break;
            case MessageBlockPart block when _open.TryGetValue(block.Message.Id, out var message):
                TakeBlock(message, block);
                break;
            case MessageFinishPart finish when _open.Remove(finish.Message.Id, out var message):
                message.FinishReason = finish.Reason;
                message.Usage = finish.Usage is { } usage ? GraphJson.Parse(usage.Utf8.Span) : null;
                _writer?.Finish(message);
                break;
            case MessageErrorPart error when _open.Remove(error.Message.Id, out var message):
                _writer?.Finish(message);
                break;
        }
    }

    private void Begin(string id)
    {
        var message = new ReplyMessage(id);
        if (_open.TryAdd(id, message))
        {
            Messages.Add(message);
        }
    }

    /// <summary>Blocks of other kinds, such as images, are not part of a reply.</summary>
    private void TakeBlock(ReplyMessage message, MessageBlockPart part)
    {
        if (part.Phase == MessageBlockPhase.Start)
        {
            return;
        }

        var block = GraphJson.Parse(part.Content.Utf8.Span);
        if (part.Phase == MessageBlockPhase.Finish)
        {
            if (block.TryGetProperty("type"u8, out var type)
                && (type.ValueEquals("tool_call"u8) || type.ValueEquals("invalid_tool_call"u8)))
            {
                message.AddCall(block);
            }
        }
        else if (block.TryGetProperty("reasoning"u8, out var reasoning))
        {
            message.Reasoning.Append(JsonMarshal.GetRawUtf8Value(reasoning));
            _writer?.WriteReasoning(message, JsonMarshal.GetRawUtf8Value(reasoning));
        }
        else if (block.TryGetProperty("text"u8, out var text))
        {
            message.Text.Append(JsonMarshal.GetRawUtf8Value(text));
            _writer?.WriteText(message, JsonMarshal.GetRawUtf8Value(text));
        }
    }
}
