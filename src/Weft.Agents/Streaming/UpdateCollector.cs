using System.Text;
using Microsoft.Extensions.AI;

namespace Weft.Agents;

/// <summary>
/// Collects the updates of a response while they come. Updates that only continue a text are stored as that text, so an
/// answer costs the memory of its characters, not objects for each token.
/// </summary>
internal sealed class UpdateCollector
{
    private readonly List<ChatResponseUpdate> _updates = [];
    private readonly StringBuilder _text = new();
    private ChatResponseUpdate? _open;

    public void Add(ChatResponseUpdate update)
    {
        var text = PlainTextOf(update);
        if (text is not null && _open is not null && Continues(_open, update))
        {
            _open.CreatedAt = update.CreatedAt > _open.CreatedAt ? update.CreatedAt : _open.CreatedAt ?? update.CreatedAt;
            _text.Append(text);
            return;
        }

        Close();
        // Cloned, because the client may reuse its update.
        var copy = update.Clone();
        if (text is null)
        {
            copy.Contents = [.. update.Contents];
            _updates.Add(copy);
        }
        else
        {
            _open = copy;
            _text.Append(text);
        }
    }

    public ChatResponse ToResponse()
    {
        Close();
        return _updates.ToChatResponse();
    }

    private void Close()
    {
        if (_open is { } open)
        {
            open.Contents = [new TextContent(_text.ToString())];
            _updates.Add(open);
            _text.Clear();
            _open = null;
        }
    }

    private static string? PlainTextOf(ChatResponseUpdate update) =>
        update is { FinishReason: null, AdditionalProperties: null, Contents: [TextContent text] }
        && text is { Annotations: null, AdditionalProperties: null }
            ? text.Text
            : null;

    private static bool Continues(ChatResponseUpdate open, ChatResponseUpdate update) =>
        update.MessageId == open.MessageId
        && (update.Role is null || update.Role == open.Role)
        && IsNoOther(update.AuthorName, open.AuthorName)
        && IsNoOther(update.ResponseId, open.ResponseId)
        && IsNoOther(update.ConversationId, open.ConversationId)
        && IsNoOther(update.ModelId, open.ModelId);

    private static bool IsNoOther(string? value, string? known) => value is null || value == known;
}
