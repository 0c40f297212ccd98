using System.Text.Json;

namespace Weft.Graphs;

/// <summary>
/// The difference of two lists: how many leading items stay, which of those are replaced, and the items that follow. In
/// JSON it is <c>{"k":2,"r":[[0,item]],"a":[item]}</c>, without the members that are empty.
/// </summary>
internal static class AppendDelta
{
    public static bool TryWrite<T>(Utf8JsonWriter writer, AppendList<T> from, AppendList<T> to, Action<Utf8JsonWriter, T> writeItem)
        where T : class
    {
        if (from.Count == 0)
        {
            return false;
        }

        var keep = from.Count;
        List<int>? replaced = null;
        if (!from.IsPrefixOf(to))
        {
            keep = CommonLength(from, to, out replaced);
            if (keep == 0 || replaced.Count > keep / 2)
            {
                return false;
            }
        }

        writer.WriteStartObject();
        writer.WriteNumber("k"u8, keep);
        if (replaced is { Count: > 0 })
        {
            writer.WriteStartArray("r"u8);
            foreach (var index in replaced)
            {
                writer.WriteStartArray();
                writer.WriteNumberValue(index);
                writeItem(writer, to[index]);
                writer.WriteEndArray();
            }

            writer.WriteEndArray();
        }

        if (to.Count > keep)
        {
            writer.WriteStartArray("a"u8);
            for (var i = keep; i < to.Count; i++)
            {
                writeItem(writer, to[i]);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
        return true;
    }

    /// <summary>
    /// Finds a write's items, by reference, among those that <paramref name="to"/> has in addition to
    /// <paramref name="from"/>.
    /// </summary>
    public static (int Start, int Count)? FindAppended<T>(AppendList<T> from, AppendList<T> to, IReadOnlyList<T> write)
    {
        if (typeof(T).IsValueType || write.Count == 0 || from.Count == 0 || !from.IsPrefixOf(to))
        {
            return null;
        }

        for (var start = from.Count; start + write.Count <= to.Count; start++)
        {
            var same = 0;
            while (same < write.Count && ReferenceEquals(to[start + same], write[same]))
            {
                same++;
            }

            if (same == write.Count)
            {
                return (start - from.Count, same);
            }
        }

        return null;
    }

    public static AppendList<T> Apply<T>(AppendList<T> from, JsonElement delta, Func<JsonElement, T> readItem)
    {
        var keep = delta.GetProperty("k"u8).GetInt32();
        var items = from;
        if (keep < from.Count || delta.TryGetProperty("r"u8, out _))
        {
            var kept = from.Span[..keep].ToArray();
            if (delta.TryGetProperty("r"u8, out var replaced))
            {
                foreach (var pair in replaced.EnumerateArray())
                {
                    kept[pair[0].GetInt32()] = readItem(pair[1]);
                }
            }

            items = new AppendList<T>(kept);
        }

        return delta.TryGetProperty("a"u8, out var added) ? items.Append([.. added.EnumerateArray().Select(readItem)]) : items;
    }

    /// <summary>
    /// The length of the leading part in which items are compared one by one, until one list ends or too many items
    /// differ.
    /// </summary>
    private static int CommonLength<T>(AppendList<T> from, AppendList<T> to, out List<int> replaced)
        where T : class
    {
        replaced = [];
        var common = Math.Min(from.Count, to.Count);
        var same = 0;
        for (var i = 0; i < common; i++)
        {
            if (ReferenceEquals(from[i], to[i]))
            {
                same = i + 1;
            }
            else
            {
                replaced.Add(i);
            }
        }

        // Items that differ at the end are appended again.
        replaced.RemoveAll(index => index >= same);
        return same;
    }
}
