using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;
using Weft.Agents;
using Weft.Graphs;

namespace Weft.AgentFramework;

/// <summary>
/// Streams what the agents of a workflow say, and collects it. Agents may speak at the same time, so each executor has a stream of its
/// own. The messages are in the order in which they began.
/// </summary>
internal sealed class WorkflowMessages
{
    private static readonly ModelInfo Model = new(null, null);

    private readonly NodeContext _context;
    private readonly List<ChatMessage> _conversation;
    private readonly AgentUpdates _updates;
    private readonly Dictionary<string, (MessageIds Ids, ChunkStream? Chunks)> _sources = [];
    private readonly List<(string Id, UpdateCollector Collector)> _open = [];

    /// <param name="context">The node.</param>
    /// <param name="conversation">The conversation so far.</param>
    /// <param name="approvals">The calls that were asked about; null for other requests.</param>
    public WorkflowMessages(NodeContext context, IReadOnlyList<Message> conversation, IEnumerable<ToolApprovalRequestContent?> approvals)
    {
        _context = context;
        _conversation = conversation.ToChatMessages();
        _updates = new AgentUpdates(
            AgentInput.NamesOf(conversation),
            approvals.OfType<ToolApprovalRequestContent>().Select(approval => approval.ToolCall.CallId).ToHashSet());
    }

    public void Add(string executor, AgentResponseUpdate update)
    {
        if (!_sources.TryGetValue(executor, out var source))
        {
            var chunks = _context.Messages.IsRequested ? new ChunkStream(_context.Messages, null, Model) : null;
            _sources[executor] = source = (new MessageIds(_conversation, _context.Time), chunks);
        }

        foreach (var part in _updates.PartsOf(update.AsChatResponseUpdate()))
        {
            var identified = source.Ids.Identify(part);
            ReportedUsage.Add(_context, identified, client: null, options: null);
            source.Chunks?.Emit(identified);
            CollectorOf(identified.MessageId!).Add(identified);
        }
    }

    /// <summary>Ends the messages that have begun, and returns them.</summary>
    public IReadOnlyList<Message> Take()
    {
        foreach (var source in _sources.Values)
        {
            source.Chunks?.End(null);
        }

        var messages = ToMessages(_open.SelectMany(open => open.Collector.ToResponse().Messages));
        _open.Clear();
        return messages;
    }

    /// <summary>Returns the messages that the conversation does not have yet, without those of users.</summary>
    public IReadOnlyList<Message> ToMessages(IEnumerable<ChatMessage> messages) =>
    [
        .. messages
            .Where(message => message.Contents.Count > 0 && message.Role != ChatRole.User)
            .Where(message => message.MessageId is null || !_conversation.Exists(known => known.MessageId == message.MessageId))
            .SelectMany(message => message.ToMessages())
            .Select(message => message.Id is null ? message.WithNewId() : message),
    ];

    private UpdateCollector CollectorOf(string id)
    {
        var index = _open.FindLastIndex(open => open.Id == id);
        if (index < 0)
        {
            index = _open.Count;
            _open.Add((id, new UpdateCollector()));
        }

        return _open[index].Collector;
    }
}
