using System.Text.Json;

namespace Weft.Graphs;

/// <summary>What one body has of a list channel: the whole list, or a difference to the list of an earlier checkpoint.</summary>
internal sealed class StoredList
{
    private readonly Dictionary<int, ReadOnlyMemory<byte>> _replaced = [];
    private readonly StoredPiece _input;
    private readonly ReadOnlyMemory<byte> _inputJson;

    /// <param name="body">The body.</param>
    /// <param name="entry">The entry of the channel.</param>
    /// <param name="input">The bytes of the input that the entry refers to; empty if it refers to none.</param>
    public StoredList(StoredBody body, ChannelEntry entry, ReadOnlyMemory<byte> input)
    {
        Body = body;
        _input = entry.Input.GetValueOrDefault();
        _inputJson = input;
        Base = entry.Base;
        IsInput = entry.Input is not null;
        if (Base == 0)
        {
            var whole = IsInput ? input : entry.Json;
            IsList = whole.Span[0] == '[';
            Added = ItemsOf(whole);
            return;
        }

        Added = IsInput ? ItemsOf(input) : [];
        var reader = new Utf8JsonReader(entry.Json.Span, GraphJson.ReaderOptions);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var member = (char)reader.ValueSpan[0];
            reader.Read();
            switch (member)
            {
                case 'k':
                    Kept = reader.GetInt32();
                    break;
                case 'r':
                    ReadReplaced(ref reader, entry.Json);
                    break;
                default:
                    Added = ReadItems(ref reader, entry.Json);
                    break;
            }
        }
    }

    /// <summary>The body.</summary>
    public StoredBody Body { get; }

    public long Ordinal => Body.Ordinal;

    /// <summary>The checkpoint that the difference starts from; 0 if the whole list is here.</summary>
    public long Base { get; }

    /// <summary>How many leading items the list has in common with that of <see cref="Base"/>.</summary>
    public int Kept { get; }

    /// <summary>The items that follow.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Added { get; }

    /// <summary>Whether the added items are those of the input.</summary>
    public bool IsInput { get; }

    public int Count => Kept + Added.Count;

    /// <summary>Whether the value is a list.</summary>
    public bool IsList { get; private init; } = true;

    /// <summary>Returns where an item is that was read from here.</summary>
    public StoredPiece PieceOf(ReadOnlyMemory<byte> item) =>
        Body.Body.Span.Overlaps(item.Span, out var start) ? new StoredPiece(Ordinal, start, item.Length)
        : _inputJson.Span.Overlaps(item.Span, out start) ? new StoredPiece(_input.Ordinal, _input.Start + start, item.Length)
        : throw new ArgumentException("It is an item of another list.", nameof(item));

    /// <summary>Finds an item that replaces one of those in common.</summary>
    public bool TryFindReplaced(int index, out ReadOnlyMemory<byte> json) => _replaced.TryGetValue(index, out json);

    private void ReadReplaced(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.StartArray)
        {
            reader.Read();
            var index = reader.GetInt32();
            reader.Read();
            _replaced[index] = Slice(ref reader, json);
            reader.Read();
        }
    }

    private static List<ReadOnlyMemory<byte>> ItemsOf(ReadOnlyMemory<byte> json)
    {
        var reader = new Utf8JsonReader(json.Span, GraphJson.ReaderOptions);
        reader.Read();
        return ReadItems(ref reader, json);
    }

    /// <summary>Reads a list, or one item alone, as an input may have it.</summary>
    private static List<ReadOnlyMemory<byte>> ReadItems(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return [Slice(ref reader, json)];
        }

        var items = new List<ReadOnlyMemory<byte>>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            items.Add(Slice(ref reader, json));
        }

        return items;
    }

    private static ReadOnlyMemory<byte> Slice(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json)
    {
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return json[start..(int)reader.BytesConsumed];
    }
}
