using System.Text.Json;

namespace Weft.Graphs;

/// <summary>The entry of a channel in a body: its whole value, a difference, or where the value is stored.</summary>
internal readonly record struct ChannelEntry
{
    // A reference to fewer bytes would be as long as the bytes.
    private const int ReferencedBytesMin = 64;

    /// <summary>The ordinal of the checkpoint that has the value; 0 if the value is here.</summary>
    public long Reference { get; private init; }

    /// <summary>
    /// The ordinal of the checkpoint that the difference starts from; 0 if the entry is not a difference.
    /// </summary>
    public long Base { get; private init; }

    /// <summary>Where the value is stored, as later bodies refer to it.</summary>
    public ValueLocation Location { get; private init; }

    /// <summary>The value or the difference as JSON, without the bytes of <see cref="Input"/>.</summary>
    public ReadOnlyMemory<byte> Json { get; private init; }

    /// <summary>
    /// The piece of an earlier body that is the value, or that the difference appends; null if everything is here.
    /// </summary>
    public StoredPiece? Input { get; private init; }

    /// <summary>Writes the name and the entry of a channel, unless its value need not be stored.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="values">The state.</param>
    /// <param name="index">The channel.</param>
    /// <param name="ordinal">The checkpoint.</param>
    /// <param name="known">The stored state to refer to; null if the whole value is written.</param>
    /// <param name="storedBytes">The bytes of the bodies that were stored before.</param>
    /// <returns>The new location of the value.</returns>
    public static ValueLocation Write(
        Utf8JsonWriter writer, ChannelValues values, int index, long ordinal, StoredState? known, long storedBytes)
    {
        var channel = values.Schema.Channels[index];
        var value = channel.IsTracked ? values.Span[index] : null;
        if (value is null || ReferenceEquals(value, channel.Initial))
        {
            return default;
        }

        writer.WritePropertyName(values.Schema.Encoded[index]);
        var (from, at) = known is null ? default : (known.Values.Span[index], known.Locations[index]);
        if (at.Ordinal > 0 && ReferenceEquals(from, value))
        {
            writer.WriteNumberValue(at.Ordinal);
            return at;
        }

        writer.WriteStartObject();
        var valueBytes = channel.EstimateBytes(value);
        var isChained = at.Ordinal > 0 && from is not null && !at.IsChainTooLong(valueBytes, storedBytes);
        var delta = !isChained
            ? null
            : GraphJson.TryEncode(
                (channel, from, value), static (deltaWriter, s) => s.channel.TryWriteDelta(deltaWriter, s.from!, s.value));
        var location = delta is not null
            ? WriteDelta(
                writer,
                channel,
                delta,
                new ValueLocation(ordinal, at.ChainStart, at.ChainLength + 1, at.ChainBytes + delta.Length, at.BytesBefore, at.WholeBytes),
                at.Ordinal,
                valueBytes,
                known!.Input)
            : WriteWhole(writer, channel, value, ordinal, known, valueBytes > 0 ? storedBytes : 0);
        writer.WriteEndObject();
        return location;
    }

    /// <summary>
    /// Reads the entry of a channel; null if the body has none. It reads no other part of the body, because the state
    /// of a long thread is decoded from thousands of bodies.
    /// </summary>
    public static ChannelEntry? Find(StoredBody stored, string channel)
    {
        var reader = new Utf8JsonReader(stored.Body.Span, GraphJson.ReaderOptions);
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

    private static ValueLocation WriteDelta(
        Utf8JsonWriter writer,
        StateChannel channel,
        byte[] delta,
        ValueLocation location,
        long from,
        long valueBytes,
        StoredInput? input)
    {
        writer.WriteNumber("b"u8, from);
        writer.WriteNumber("s"u8, location.ChainStart);
        writer.WriteNumber("l"u8, location.ChainLength);
        writer.WriteNumber("z"u8, location.ChainBytes);
        WriteBytesBefore(writer, location.BytesBefore);
        if (location.WholeBytes > valueBytes)
        {
            writer.WriteNumber("w"u8, location.WholeBytes);
        }

        if (TryFindInput(input, channel, out var piece, out var brought) && StoredPiece.Cut(delta, brought) is { } rest)
        {
            WritePiece(writer, piece);
            delta = rest;
        }

        writer.WritePropertyName("d"u8);
        writer.WriteRawValue(delta, skipInputValidation: true);
        return location;
    }

    private static ValueLocation WriteWhole(
        Utf8JsonWriter writer, StateChannel channel, object value, long ordinal, StoredState? known, long bytesBefore)
    {
        if (!TryFindInput(known?.Input, channel, out var piece, out var brought))
        {
            WriteBytesBefore(writer, bytesBefore);
            var begun = writer.BytesCommitted + writer.BytesPending;
            writer.WritePropertyName("v"u8);
            channel.WriteValue(writer, value);
            return Whole(ordinal, ordinal, writer.BytesCommitted + writer.BytesPending - begun, bytesBefore);
        }

        var json = GraphJson.Encode((channel, value), static (valueWriter, s) => s.channel.WriteValue(valueWriter, s.value));
        if (brought.SequenceEqual(json))
        {
            // The chain begins in the body with the input.
            var withInput = bytesBefore > 0 ? known!.BytesBefore : 0;
            WriteBytesBefore(writer, withInput);
            WritePiece(writer, piece);
            return Whole(ordinal, piece.Ordinal, json.Length, withInput);
        }

        WriteBytesBefore(writer, bytesBefore);
        writer.WritePropertyName("v"u8);
        writer.WriteRawValue(json, skipInputValidation: true);
        return Whole(ordinal, ordinal, json.Length, bytesBefore);
    }

    private static ValueLocation Whole(long ordinal, long start, long bytes, long bytesBefore) =>
        new(ordinal, start, ChainLength: 0, bytes, bytesBefore, WholeBytes: bytes);

    private static void WriteBytesBefore(Utf8JsonWriter writer, long bytes)
    {
        if (bytes > 0)
        {
            writer.WriteNumber("t"u8, bytes);
        }
    }

    private static bool TryFindInput(StoredInput? input, StateChannel channel, out StoredPiece piece, out ReadOnlySpan<byte> json)
    {
        piece = default;
        json = default;
        return input?.TryFind(channel, out piece, out json) is true && json.Length >= ReferencedBytesMin;
    }

    private static void WritePiece(Utf8JsonWriter writer, StoredPiece piece)
    {
        writer.WritePropertyName("i"u8);
        piece.WriteTo(writer);
    }

    private static ChannelEntry Read(ref Utf8JsonReader reader, StoredBody stored)
    {
        if (reader.TokenType == JsonTokenType.Number)
        {
            return new ChannelEntry { Reference = reader.GetInt64() };
        }

        long from = 0, start = 0, bytes = 0, before = 0, whole = 0;
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
                    return new ChannelEntry
                    {
                        Json = json,
                        Location = Whole(stored.Ordinal, stored.Ordinal, json.Length, before),
                    };
                case 'd':
                    return new ChannelEntry
                    {
                        Base = from,
                        Json = Slice(ref reader, stored.Body),
                        Input = input,
                        Location = new ValueLocation(stored.Ordinal, start, length, bytes, before, whole),
                    };
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
                case 't':
                    before = reader.GetInt64();
                    break;
                case 'w':
                    whole = reader.GetInt64();
                    break;
            }
        }

        return input is { } piece
            ? new ChannelEntry { Input = piece, Location = Whole(stored.Ordinal, piece.Ordinal, piece.Length, before) }
            : throw new InvalidDataException($"The checkpoint with ordinal {stored.Ordinal} has a channel without a value.");
    }

    private static ReadOnlyMemory<byte> Slice(ref Utf8JsonReader reader, ReadOnlyMemory<byte> body)
    {
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return body[start..(int)reader.BytesConsumed];
    }
}
