namespace Weft.Graphs;

/// <summary>
/// Adds up the tokens that the models of a run take: what calls of models report, and what the messages say that nodes return.
/// A message of a reported call is not counted twice. It is safe for concurrent use.
/// </summary>
internal sealed class UsageCounter
{
    private readonly Lock _lock = new();
    private Dictionary<string, TokenUsage>? _calls;
    private Dictionary<string, TokenUsage>? _messages;

    /// <summary>What was counted; null if nothing was.</summary>
    public TokenUsage? Total
    {
        get
        {
            lock (_lock)
            {
                if (_calls is null && _messages is null)
                {
                    return null;
                }

                var total = default(TokenUsage);
                foreach (var (_, usage) in _calls ?? [])
                {
                    total = total.Plus(usage);
                }

                foreach (var (id, usage) in _messages ?? [])
                {
                    total = _calls?.ContainsKey(id) is true ? total : total.Plus(usage);
                }

                return total;
            }
        }
    }

    /// <summary>Adds what a model reports for the message with this id. A model may report in pieces.</summary>
    public void AddCall(string messageId, TokenUsage usage)
    {
        lock (_lock)
        {
            _calls ??= [];
            _calls[messageId] = _calls.GetValueOrDefault(messageId).Plus(usage);
        }
    }

    /// <summary>Counts a message that a run has added, once.</summary>
    public void AddMessage(Message message)
    {
        if (message.Id is { } id && TokenUsage.Of(message) is { } usage)
        {
            lock (_lock)
            {
                (_messages ??= [])[id] = usage;
            }
        }
    }

    /// <summary>Counts the messages that a node returned and that were not in the state before.</summary>
    public void AddReturned(ChannelValues before, IReadOnlyList<ChannelWrite> writes)
    {
        foreach (var write in writes)
        {
            if (write.Channel is not MessagesChannel channel)
            {
                continue;
            }

            foreach (var message in (IReadOnlyList<Message>)write.Value)
            {
                if (message.Id is { } id && !before.Get(channel)!.TryFind(id, out _))
                {
                    AddMessage(message);
                }
            }
        }
    }
}
