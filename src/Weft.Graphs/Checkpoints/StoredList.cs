using System.Text.Json;

namespace Weft.Graphs;

/// <summary>What one body has of a list channel: the whole list, or a difference to the list of an earlier checkpoint.</summary>
internal sealed class StoredList
{
    private readonly Dictionary<int, ReadOnlyMemory<byte>> _replaced = [];

    /// <param name="ordinal">The checkpoint.</param>
    /// <param name="entry">The entry of the channel.</param>
    /// <param name="input">The bytes of the input that the entry refers to; empty if it refers to none.</param>
    public StoredList(long ordinal, ChannelEntry entry, ReadOnlyMemory<byte> input)
    {
        Ordinal = ordinal;
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

    public long Ordinal { get; }

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
