using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Weft.Graphs;

namespace Weft.Storage.Sqlite;

/// <summary>Reads and writes items as rows.</summary>
internal static class ItemRows
{
    public const string Columns = "namespace, key, created_at, updated_at, ttl, expires_at, indexed_paths, value";

    public static Item Read(Statement row) => new()
    {
        Namespace = ItemNamespace.FromPath(row.Text(0)),
        Key = row.Text(1),
        CreatedAt = row.Time(2),
        UpdatedAt = row.Time(3),
        TimeToLive = row.IsNull(4) ? null : TimeSpan.FromMicroseconds(row.Integer(4)),
        ExpiresAt = row.TimeOrNull(5),
        IndexedPaths = row.IsNull(6) ? null : ReadPaths(row.Bytes(6)),
        Value = GraphJson.Parse(row.Bytes(7)),
    };

    public static Statement AddValues(Statement statement, Item item) => statement
        .Add(item.Namespace.Path).Add(item.Key).Add(item.CreatedAt).Add(item.UpdatedAt)
        .Add(item.TimeToLive?.Ticks / TimeSpan.TicksPerMicrosecond).Add(item.ExpiresAt)
        .Add(PathsOf(item))
        .Add(JsonMarshal.GetRawUtf8Value(item.Value).ToArray());

    /// <summary>The indexed paths of an item as a column has them.</summary>
    public static string? PathsOf(Item item) => item.IndexedPaths is { } paths ? WritePaths(paths) : null;

    private static string[] ReadPaths(ReadOnlySpan<byte> json) =>
        [.. GraphJson.Parse(json).EnumerateArray().Select(path => path.GetString()!)];

    private static string WritePaths(IReadOnlyList<string> paths) =>
        Encoding.UTF8.GetString(GraphJson.Encode(paths, static (writer, paths) =>
        {
            writer.WriteStartArray();
            foreach (var path in paths)
            {
                writer.WriteStringValue(path);
            }

            writer.WriteEndArray();
        }));
}
