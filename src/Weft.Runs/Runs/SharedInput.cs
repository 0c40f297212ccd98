using System.Text.Json;

namespace Weft.Runs;

/// <summary>Finds the long strings of a run's kwargs in the checkpoint that took its input in.</summary>
internal static class SharedInput
{
    // Under this a piece would cost what it saves.
    private const int PieceBytesMin = 64;

    // Each costs a look through all of the body.
    private const int MissesMax = 4;

    /// <summary>Returns what both have; null when that is nothing.</summary>
    public static TakenInput? Find(ReadOnlyMemory<byte> kwargs, CheckpointId checkpointId, ReadOnlySpan<byte> body)
    {
        var pieces = new List<SharedPiece>();
        var reader = new Utf8JsonReader(kwargs.Span, new JsonReaderOptions { MaxDepth = int.MaxValue });
        var (from, misses) = (0, 0);
        while (misses < MissesMax && reader.Read())
        {
            if (reader.TokenType != JsonTokenType.String || reader.ValueSpan.Length < PieceBytesMin)
            {
                continue;
            }

            // They come in the same order.
            var at = body[from..].IndexOf(reader.ValueSpan);
            if (at < 0)
            {
                misses++;
                continue;
            }

            pieces.Add(new SharedPiece((int)reader.TokenStartIndex + 1, from + at, reader.ValueSpan.Length));
            from += at + reader.ValueSpan.Length;
        }

        return pieces.Count == 0 ? null : new TakenInput(checkpointId, kwargs, pieces);
    }
}
