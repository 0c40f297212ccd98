using System.Runtime.InteropServices;
using Weft.Graphs;

namespace Weft.Storage.Sqlite;

/// <summary>Reads and writes items as rows.</summary>
internal static class ItemRows
{
    public const string Columns = "namespace, key, created_at, updated_at, ttl, expires_at, indexed_paths, value";

    /// <summary>The number of <see cref="Columns"/>.</summary>
    public const int ColumnCount = 8;

    public static Item Read(Statement row) => new()
    {
        Namespace = ItemNamespace.FromPath(row.Text(0)),
        Key = row.Text(1),
        CreatedAt = row.Time(2),
        UpdatedAt = row.Time(3),
        TimeToLive = row.IsNull(4) ? null : TimeSpan.FromMicroseconds(row.Integer(4)),
        ExpiresAt = row.TimeOrNull(5),
        IndexedPaths = row.IsNull(6) ? null : IndexedPathsText.Read(row.Bytes(6)),
        Value = GraphJson.Parse(row.Bytes(7)),
    };

    public static Statement AddValues(Statement statement, Item item) => statement
        .Add(item.Namespace.Path).Add(item.Key).Add(item.CreatedAt).Add(item.UpdatedAt)
        .Add(item.TimeToLive?.Ticks / TimeSpan.TicksPerMicrosecond).Add(item.ExpiresAt)
        .Add(IndexedPathsText.Of(item))
        .Add(JsonMarshal.GetRawUtf8Value(item.Value).ToArray());
}
