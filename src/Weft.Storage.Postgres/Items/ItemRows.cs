using System.Runtime.InteropServices;
using System.Text;
using Weft.Graphs;

namespace Weft.Storage.Postgres;

/// <summary>Reads and writes items as rows.</summary>
internal static class ItemRows
{
    /// <summary>The number of <see cref="Columns"/>.</summary>
    public const int ColumnCount = 8;

    public const string Columns = """
        items.namespace, items.key, items.created_at, items.updated_at, items.ttl, items.expires_at, items.indexed_paths, items.value
        """;

    // Rows of the indexes have at most 2,700 bytes, for the owner too.
    private const int TextBytesMax = 1_000;

    /// <summary>A text that is greater than every namespace that can be stored.</summary>
    private static readonly string End = string.Concat(Enumerable.Repeat("\U0010FFFF", (TextBytesMax / 4) + 1));

    public static Item Read(Row row) => new()
    {
        Namespace = ItemNamespace.FromPath(row.Text(0)),
        Key = row.Text(1),
        CreatedAt = row.Time(2),
        UpdatedAt = row.Time(3),
        TimeToLive = row.IsNull(4) ? null : TimeSpan.FromMicroseconds(row.Integer(4)),
        ExpiresAt = row.TimeOrNull(5),
        IndexedPaths = row.TextOrNull(6) is { } paths ? IndexedPathsText.Read(Encoding.UTF8.GetBytes(paths)) : null,
        Value = GraphJson.Parse(row.Bytes(7)),
    };

    public static Statement AddValues(Statement statement, Item item) => statement
        .Add(item.Namespace.Path).Add(item.Key).Add(item.CreatedAt).Add(item.UpdatedAt)
        .Add(item.TimeToLive?.Ticks / TimeSpan.TicksPerMicrosecond).Add(item.ExpiresAt)
        .Add(IndexedPathsText.Of(item))
        .Add(ValueOf(item));

    public static ReadOnlyMemory<byte> ValueOf(Item item) => JsonMarshal.GetRawUtf8Value(item.Value).ToArray();

    /// <summary>Adds the first text of a range of namespaces and the text before which it ends.</summary>
    public static Statement AddRange(Statement statement, string first, ItemNamespace prefix) =>
        // '/' is the character after '.'.
        statement.Add(first).Add(prefix.Count == 0 ? End : prefix.Path[..^1] + '/');

    /// <exception cref="InvalidItemException">PostgreSQL can't store the namespace or the key.</exception>
    public static void Check(Item item)
    {
        Check("namespace", item.Namespace.Path);
        Check("key", item.Key);
    }

    private static void Check(string field, string text)
    {
        if (Encoding.UTF8.GetByteCount(text) > TextBytesMax)
        {
            throw new InvalidItemException(field, $"It must have at most {TextBytesMax} bytes in UTF-8.");
        }

        if (text.Contains('\0', StringComparison.Ordinal))
        {
            throw new InvalidItemException(field, "It must not contain the character U+0000.");
        }
    }
}
