using System.Text.Json;

namespace Weft.Graphs;

/// <summary>
/// The input that waits in a stored checkpoint. The state that follows mostly has the same in it, and need not repeat
/// it.
/// </summary>
internal sealed class StoredInput
{
    private readonly StoredBody _stored;
    private readonly Dictionary<string, StoredPiece?> _writes = [];

    /// <param name="stored">A checkpoint whose body has an input.</param>
    public StoredInput(StoredBody stored)
    {
        _stored = stored;
        var reader = new Utf8JsonReader(stored.Body.Span, GraphJson.ReaderOptions);
        reader.Read();
        while (reader.Read() && !reader.ValueTextEquals("in"u8))
        {
            reader.Read();
            reader.Skip();
        }

        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.StartArray)
        {
            reader.Read();
            var channel = reader.GetString()!;
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            // Of several writes to one channel none is its value.
            _writes[channel] = _writes.ContainsKey(channel)
                ? null
                : new StoredPiece(stored.Ordinal, start, (int)reader.BytesConsumed - start);
            reader.Read();
        }
    }

    /// <summary>Whether the input writes the channel.</summary>
    public bool Writes(StateChannel channel) => _writes.ContainsKey(channel.Name);

    /// <summary>Finds the only write to the channel, as JSON.</summary>
    public bool TryFind(StateChannel channel, out StoredPiece piece, out ReadOnlySpan<byte> json)
    {
        piece = _writes.GetValueOrDefault(channel.Name) ?? default;
        json = piece.In(_stored.Body).Span;
        return piece.Length > 0;
    }
}
