using System.Text.Json;

namespace Weft.Graphs;

/// <summary>
/// Adds up the tokens that the models of a run take: what calls of models report, and what the messages say that nodes return.
/// A message of a reported call is not counted twice. It is safe for concurrent use.
/// </summary>
internal sealed class UsageCounter
{
    private readonly Lock _lock = new();
    private Dictionary<string, (string? Model, TokenUsage Usage)>? _calls;
    private Dictionary<string, (string? Model, TokenUsage Usage)>? _messages;

    /// <summary>What was counted; null if nothing was.</summary>
    public UsageByModel? Total
    {
        get
        {
            lock (_lock)
            {
                if (_calls is null && _messages is null)
                {
                    return null;
                }

                var total = UsageByModel.None;
                foreach (var (_, (model, usage)) in _calls ?? [])
                {
                    total = total.Plus(model, usage);
                }

                foreach (var (id, (model, usage)) in _messages ?? [])
                {
                    total = _calls?.ContainsKey(id) is true ? total : total.Plus(model, usage);
                }

                return total;
            }
        }
    }

    /// <summary>Adds what a model reports for the message with this id. A model may report in pieces.</summary>
    /// <param name="messageId">The message.</param>
    /// <param name="model">The name of the model; null if it is not known.</param>
    /// <param name="usage">The tokens.</param>
    public void AddCall(string messageId, string? model, TokenUsage usage)
    {
        lock (_lock)
        {
            _calls ??= [];
            var before = _calls.GetValueOrDefault(messageId);
            _calls[messageId] = (before.Model ?? model, before.Usage.Plus(usage));
        }
    }

    /// <summary>Counts a message that a run has added, once.</summary>
    public void AddMessage(Message message)
    {
        if (message.Id is { } id && TokenUsage.Of(message) is { } usage)
        {
            lock (_lock)
            {
                (_messages ??= [])[id] = (ModelOf(message), usage);
            }
        }
    }

    private static string? ModelOf(Message message) =>
        message.Json.TryGetProperty("response_metadata"u8, out var metadata) && metadata.ValueKind == JsonValueKind.Object
            ? NameIn(metadata, "model_name") ?? NameIn(metadata, "model")
            : null;

    private static string? NameIn(JsonElement metadata, string member) =>
        metadata.TryGetProperty(member, out var name) && name.ValueKind == JsonValueKind.String && name.GetString() is { Length: > 0 } text
            ? text
            : null;

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
