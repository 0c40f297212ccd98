using System.Text;
using Weft.Graphs;

namespace Weft.Storage;

/// <summary>The indexed paths of an item as a column stores them: a JSON array, or null.</summary>
internal static class IndexedPathsText
{
    public static string? Of(Item item) => item.IndexedPaths is { } paths ? Write(paths) : null;

    public static IReadOnlyList<string> Read(ReadOnlySpan<byte> json) =>
        [.. GraphJson.Parse(json).EnumerateArray().Select(path => path.GetString()!)];

    private static string Write(IReadOnlyList<string> paths) =>
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
