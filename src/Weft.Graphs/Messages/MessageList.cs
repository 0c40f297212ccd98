using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Weft.Graphs;

/// <summary>
/// The immutable value of a messages channel. The cost of adding messages depends on the added messages, not on the
/// length of the list.
/// </summary>
public sealed class MessageList : IReadOnlyList<Message>
{
    private readonly AppendList<Message> _items;
    private readonly IdIndex _index;

    private MessageList(AppendList<Message> items, IdIndex index, long bytes)
    {
        _items = items;
        _index = index;
        Bytes = bytes;
    }

    /// <summary>The list without messages.</summary>
    public static MessageList Empty { get; } = new(AppendList<Message>.Empty, new IdIndex(), 0);

    /// <inheritdoc />
    public int Count => _items.Count;

    /// <inheritdoc />
    public Message this[int index] => _items[index];

    internal AppendList<Message> Items => _items;

    /// <summary>The length of the messages in JSON, in bytes.</summary>
    internal long Bytes { get; }

    /// <summary>Finds the message with this id.</summary>
    public bool TryFind(string id, [NotNullWhen(true)] out Message? message)
    {
        ArgumentNullException.ThrowIfNull(id);
        var at = _index.Find(this, id);
        message = at < 0 ? null : _items[at];
        return message is not null;
    }

    /// <summary>Returns the list after an update (docs/protocol/messages.md F4). Messages without id get one.</summary>
    /// <exception cref="InvalidUpdateException">The update removes a message that does not exist.</exception>
    public MessageList Merge(IReadOnlyList<Message> update)
    {
        ArgumentNullException.ThrowIfNull(update);
        var right = WithIds(update);
        for (var i = right.Count - 1; i >= 0; i--)
        {
            if (right[i] is { Type: "remove", Id: Message.RemoveAllId })
            {
                // The messages that follow begin a new list. A removal among them, of a message that was removed with
                // all others, does nothing.
                return Empty.MergeById([.. right.Skip(i + 1)], passesOverUnknown: true);
            }
        }

        return IsAppend(right) ? Append(right) : MergeById(right, passesOverUnknown: false);
    }

    /// <inheritdoc />
    public IEnumerator<Message> GetEnumerator() => _items.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal static MessageList From(Message[] messages) =>
        messages.Length == 0 ? Empty : new(new AppendList<Message>(messages), new IdIndex(), BytesOf(messages));

    internal static IReadOnlyList<Message> WithIds(IReadOnlyList<Message> messages)
    {
        for (var i = 0; i < messages.Count; i++)
        {
            if (messages[i].Id is null)
            {
                return [.. messages.Select(message => message.Id is null ? message.WithNewId() : message)];
            }
        }

        return messages;
    }

    internal MessageList Append(IReadOnlyList<Message> messages)
    {
        var items = _items.Append(messages);
        // Lists that share storage share the index too. An entry past the end of a list is not one of its own.
        return new MessageList(items, _items.IsPrefixOf(items) ? _index : new IdIndex(), Bytes + BytesOf(messages));
    }

    /// <summary>
    /// Returns the messages that are not in <paramref name="older"/>. This is free if this list grew from it.
    /// </summary>
    internal IEnumerable<Message> Since(MessageList older)
    {
        var grew = older.Count == 0 || older._items.IsPrefixOf(_items);
        var known = grew ? null : new HashSet<Message>(older);
        for (var i = grew ? older.Count : 0; i < Count; i++)
        {
            if (known is null || !known.Contains(_items[i]))
            {
                yield return _items[i];
            }
        }
    }

    internal void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartArray();
        foreach (var message in _items.Span)
        {
            writer.WriteRawValue(message.Utf8.Span, skipInputValidation: true);
        }

        writer.WriteEndArray();
    }

    private static long BytesOf(IReadOnlyList<Message> messages)
    {
        long bytes = 0;
        for (var i = 0; i < messages.Count; i++)
        {
            bytes += messages[i].Utf8.Length;
        }

        return bytes;
    }

    private bool IsAppend(IReadOnlyList<Message> right)
    {
        for (var i = 0; i < right.Count; i++)
        {
            if (right[i].Type == "remove" || _index.Find(this, right[i].Id!) >= 0)
            {
                return false;
            }
        }

        return right.Count == 1 || right.DistinctBy(message => message.Id).Count() == right.Count;
    }

    private MessageList MergeById(IReadOnlyList<Message> right, bool passesOverUnknown)
    {
        var merged = new List<Message>(_items);
        var at = new Dictionary<string, int>(merged.Count);
        for (var i = 0; i < merged.Count; i++)
        {
            at[merged[i].Id!] = i;
        }

        var removed = new HashSet<string>();
        foreach (var message in right)
        {
            var id = message.Id!;
            if (at.TryGetValue(id, out var index))
            {
                if (message.Type == "remove")
                {
                    removed.Add(id);
                }
                else
                {
                    removed.Remove(id);
                    merged[index] = message;
                }
            }
            else if (message.Type == "remove")
            {
                if (!passesOverUnknown)
                {
                    throw new InvalidUpdateException($"Can't remove the message '{id}', because it does not exist.");
                }
            }
            else
            {
                at[id] = merged.Count;
                merged.Add(message);
            }
        }

        return From([.. merged.Where(message => !removed.Contains(message.Id!))]);
    }

    /// <summary>
    /// Finds positions by id. Built on first use and extended as the family of lists that shares it grows.
    /// </summary>
    private sealed class IdIndex
    {
        private readonly Dictionary<string, int> _positions = [];
        private int _indexed;

        public int Find(MessageList list, string id)
        {
            lock (_positions)
            {
                for (; _indexed < list.Count; _indexed++)
                {
                    if (list._items[_indexed].Id is { } known)
                    {
                        _positions[known] = _indexed;
                    }
                }

                return _positions.TryGetValue(id, out var at) && at < list.Count ? at : -1;
            }
        }
    }
}
