using Weft.Graphs;

namespace Weft.Server;

/// <summary>
/// Puts the parts of messages that models make at the same time one message after the other, because a chat has one text. The parts
/// of a message wait until those that began before it are done.
/// </summary>
/// <param name="take">Takes the parts in order.</param>
internal sealed class MessageOrder(Action<StreamPart> take)
{
    private readonly List<(string Id, List<StreamPart> Parts)> _waiting = [];
    private string? _current;

    public void Add(string messageId, StreamPart part, bool isLast)
    {
        if (_current is null || _current == messageId)
        {
            _current = isLast ? null : messageId;
            take(part);
            if (isLast)
            {
                TakeWaiting();
            }

            return;
        }

        var known = _waiting.Find(message => message.Id == messageId);
        if (known.Parts is null)
        {
            _waiting.Add(known = (messageId, []));
        }

        known.Parts.Add(part);
    }

    /// <summary>Takes all parts that wait. Messages that are not done remain so.</summary>
    public void End()
    {
        foreach (var part in _waiting.SelectMany(message => message.Parts))
        {
            take(part);
        }

        _waiting.Clear();
        _current = null;
    }

    private void TakeWaiting()
    {
        while (_current is null && _waiting is [var next, ..])
        {
            _waiting.RemoveAt(0);
            next.Parts.ForEach(take);
            _current = IsLast(next.Parts[^1]) ? null : next.Id;
        }
    }

    private static bool IsLast(StreamPart part) => part is MessageFinishPart or MessageErrorPart;
}
