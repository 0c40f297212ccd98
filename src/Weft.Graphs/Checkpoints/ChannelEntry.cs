using System.Text.Json;

namespace Weft.Graphs;

/// <summary>What a body says of one channel: its whole value, a difference, or where the value is.</summary>
internal readonly record struct ChannelEntry
{
    /// <summary>The ordinal of the checkpoint whose value it is; 0 when the value is here.</summary>
    public long Reference { get; private init; }

    /// <summary>The ordinal of the checkpoint from whose value the difference leads here; 0 when there is none.</summary>
    public long Base { get; private init; }

    /// <summary>Where the value is stored, as later bodies refer to it.</summary>
    public ValueLocation Location { get; private init; }

    /// <summary>The value, or the difference, as JSON; without what <see cref="Input"/> has.</summary>
    public ReadOnlyMemory<byte> Json { get; private init; }

    /// <summary>The piece of an earlier body that is the value, or what the difference appends; null when all is here.</summary>
    public StoredPiece? Input { get; private init; }

    /// <summary>
    /// Reads the entry of a channel; null when the body has none. Of a body no more is read than that: the state of a long
    /// thread is put together from thousands.
    /// </summary>
    public static ChannelEntry? Find(StoredBody stored, string channel)
    {
        var reader = new Utf8JsonReader(stored.Body.Span);
        reader.Read();
        reader.Read();
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isIt = reader.ValueTextEquals(channel);
            reader.Read();
            if (isIt)
            {
                return Read(ref reader, stored);
            }

            reader.Skip();
        }

        return null;
    }

    private static ChannelEntry Read(ref Utf8JsonReader reader, StoredBody stored)
    {
        if (reader.TokenType == JsonTokenType.Number)
        {
            return new ChannelEntry { Reference = reader.GetInt64() };
        }

        long from = 0, start = 0, bytes = 0;
        var length = 0;
        StoredPiece? input = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var member = (char)reader.ValueSpan[0];
            reader.Read();
            switch (member)
            {
                case 'r':
                    return new ChannelEntry { Reference = reader.GetInt64() };
                case 'v':
                    var json = Slice(ref reader, stored.Body);
                    return new ChannelEntry { Json = json, Location = new ValueLocation(stored.Ordinal, stored.Ordinal, 0, json.Length) };
                case 'd':
                    return new ChannelEntry { Base = from, Json = Slice(ref reader, stored.Body), Input = input, Location = new ValueLocation(stored.Ordinal, start, length, bytes) };
                case 'i':
                    input = StoredPiece.Read(ref reader);
                    break;
                case 'b':
                    from = reader.GetInt64();
                    break;
                case 's':
                    start = reader.GetInt64();
                    break;
                case 'l':
                    length = reader.GetInt32();
                    break;
                case 'z':
                    bytes = reader.GetInt64();
                    break;
            }
        }

        return input is { } whole
            ? new ChannelEntry { Input = whole, Location = new ValueLocation(stored.Ordinal, whole.Ordinal, 0, whole.Length) }
            : throw new InvalidDataException($"The checkpoint with ordinal {stored.Ordinal} has a channel without a value.");
    }

    private static ReadOnlyMemory<byte> Slice(ref Utf8JsonReader reader, ReadOnlyMemory<byte> body)
    {
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return body[start..(int)reader.BytesConsumed];
    }
}
