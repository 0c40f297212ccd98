using Microsoft.Extensions.AI;

namespace Weft.Agents;

/// <summary>
/// Sees to it that all updates of one message have one id, and that no two messages of a thread have the same.
/// </summary>
internal sealed class MessageIds(IReadOnlyCollection<ChatMessage> history, TimeProvider time)
{
    private string? _id;
    private string? _given;
    private ChatRole? _role;

    /// <summary>
    /// Returns the update with its message's id; a copy, when it came with another or none, as its maker may use it
    /// again.
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
    /// Some servers give every answer the same id; in a thread the second answer would then replace the first.
    /// </summary>
    private string Choose(string? given) =>
        string.IsNullOrEmpty(given) || history.Any(message => message.MessageId == given)
            ? $"lc_run--{Guid.CreateVersion7(time.GetUtcNow())}"
            : given;

    private static string? NullIfEmpty(string? id) => string.IsNullOrEmpty(id) ? null : id;
}
