using System.Text.Json;

namespace Weft.Graphs;

/// <summary>Adds up what bodies of checkpoints store for each channel. The values are skipped, not read.</summary>
internal sealed class ChannelSizes
{
    // More than the depth of any body.
    private const int DepthMax = 2_000;

    private readonly Dictionary<string, long> _bytes = [];

    /// <summary>The bytes of the values and differences by the names of the channels.</summary>
    public IReadOnlyDictionary<string, long> Bytes => _bytes;

    /// <summary>The number of the values and differences.</summary>
    public long Count { get; private set; }

    /// <summary>Adds what a body stores. A body that can't be read stores nothing.</summary>
    public void Add(ReadOnlySpan<byte> body)
    {
        try
        {
            AddChannels(body);
        }
        catch (JsonException)
        {
            // What was read before is counted.
        }
    }

    private void AddChannels(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = DepthMax });
        if (!reader.Read() || !reader.Read() || reader.TokenType != JsonTokenType.PropertyName || !reader.ValueTextEquals("c"u8))
        {
            return;
        }

        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            // A number refers to the value of another checkpoint.
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                var start = reader.TokenStartIndex;
                reader.Skip();
                _bytes[name] = _bytes.GetValueOrDefault(name) + reader.BytesConsumed - start;
                Count++;
            }
        }
    }
}
