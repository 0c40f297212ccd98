using Microsoft.Extensions.AI;
using Weft.Graphs;

namespace Weft.Agents;

/// <summary>Gives all updates of one message the same id, and all messages of a thread different ids.</summary>
internal sealed class MessageIds(IReadOnlyCollection<ChatMessage> history, TimeProvider time)
{
    private string? _id;
    private string? _given;
    private ChatRole? _role;

    /// <summary>
    /// Returns the update with the id of its message. If it has another id or none, this is a copy, because the client
    /// may reuse its update.
    /// </summary>
    public ChatResponseUpdate Identify(ChatResponseUpdate update)
    {
        if (_id is null || IsOfAnotherMessage(update))
        {
            _given = null;
            _role = null;
            _id = Choose(update.MessageId);
        }

        _given ??= NullIfEmpty(update.MessageId);
        _role ??= update.Role;
        if (update.MessageId == _id)
        {
            return update;
        }

        var copy = update.Clone();
        copy.MessageId = _id;
        return copy;
    }

    /// <summary>Returns the message with an id.</summary>
    public ChatMessage Identify(ChatMessage message)
    {
        var id = Choose(message.MessageId);
        if (message.MessageId == id)
        {
            return message;
        }

        var copy = message.Clone();
        copy.MessageId = id;
        return copy;
    }

    private bool IsOfAnotherMessage(ChatResponseUpdate update) =>
        (_given is not null && NullIfEmpty(update.MessageId) is { } given && given != _given)
        || (_role is { } role && update.Role is { } own && own != role);

    /// <summary>
    /// Some servers give every answer the same id. In a thread the second answer would then replace the first.
    /// </summary>
    private string Choose(string? given) =>
        string.IsNullOrEmpty(given) || history.Any(message => message.MessageId == given)
            ? $"lc_run--{NewId.TimeOrdered(time)}"
            : given;

    private static string? NullIfEmpty(string? id) => string.IsNullOrEmpty(id) ? null : id;
}
