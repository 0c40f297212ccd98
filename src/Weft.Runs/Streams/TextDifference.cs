using System.Text.Json;

namespace Weft.Runs;

/// <summary>
/// Stores a JSON text as what it has that another one has not. The members of an object are compared with those of the same
/// name: of a list that has grown, only what was added is left. Exact to the byte.
/// </summary>
/// <remarks>A sequence of: how many bytes follow, these, where to copy from in the other text, how many bytes. Numbers are 7-bit encoded.</remarks>
internal static class TextDifference
{
    // Under this a copy costs about what it saves.
    private const int CopyBytesMin = 16;

    /// <summary>Returns what leads from one text to another.</summary>
    public static byte[] Of(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to)
    {
        using var output = new MemoryStream();
        using var writer = new BinaryWriter(output);
        var known = new Dictionary<string, (int Start, int End)>();
        foreach (var (name, start, end) in Members(from))
        {
            known[name] = (start, end);
        }

        var written = 0;
        foreach (var (name, start, end) in Members(to))
        {
            if (!known.TryGetValue(name, out var other))
            {
                continue;
            }

            var was = from[other.Start..other.End];
            var now = to[start..end];
            var head = was.CommonPrefixLength(now);
            var tail = CommonSuffixLength(was[head..], now[head..]);
            Copy(writer, to, ref written, start, other.Start, head);
            Copy(writer, to, ref written, end - tail, other.End - tail, tail);
        }

        Copy(writer, to, ref written, to.Length, 0, 0, isLast: true);
        writer.Flush();
        return output.ToArray();
    }

    /// <summary>Returns the text that a difference leads to.</summary>
    public static byte[] Apply(ReadOnlySpan<byte> from, ReadOnlyMemory<byte> difference)
    {
        using var output = new MemoryStream();
        using var reader = new BinaryReader(new MemoryStream(difference.ToArray()));
        while (reader.BaseStream.Position < reader.BaseStream.Length)
        {
            output.Write(reader.ReadBytes(reader.Read7BitEncodedInt()));
            var start = reader.Read7BitEncodedInt();
            output.Write(from.Slice(start, reader.Read7BitEncodedInt()));
        }

        return output.ToArray();
    }

    private static void Copy(BinaryWriter writer, ReadOnlySpan<byte> to, ref int written, int at, int from, int length, bool isLast = false)
    {
        if (length < CopyBytesMin && !isLast)
        {
            return;
        }

        writer.Write7BitEncodedInt(at - written);
        writer.Write(to[written..at]);
        writer.Write7BitEncodedInt(from);
        writer.Write7BitEncodedInt(length);
        written = at + length;
    }

    private static int CommonSuffixLength(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        var max = Math.Min(first.Length, second.Length);
        var length = 0;
        while (length < max && first[^(length + 1)] == second[^(length + 1)])
        {
            length++;
        }

        return length;
    }

    /// <summary>Where the members of an object stand; none when it is something else.</summary>
    private static List<(string Name, int Start, int End)> Members(ReadOnlySpan<byte> json)
    {
        var members = new List<(string, int, int)>();
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = int.MaxValue });
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return members;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            members.Add((name, start, (int)reader.BytesConsumed));
        }

        return members;
    }
}
