using System.Runtime.InteropServices;
using System.Text.Json;

namespace Weft.Graphs;

/// <summary>Finds which node of a superstep wrote an item, from the outcomes that the body after the superstep has.</summary>
internal sealed class ItemWriter
{
    private readonly JsonElement _body;
    private readonly string _channel;

    public ItemWriter(StoredBody body, string channel)
    {
        _body = GraphJson.Parse(body.Body.Span);
        _channel = channel;
        OnlyNode = _body.TryGetProperty("last"u8, out var last) && last.GetArrayLength() == 1 ? last[0].GetString() : null;
    }

    /// <summary>The node of the superstep or of the edit; null if several nodes ran.</summary>
    public string? OnlyNode { get; }

    /// <summary>Finds the node among several.</summary>
    /// <param name="parent">The body of the checkpoint before, which has the tasks.</param>
    /// <param name="position">The position of the item among those that the superstep appended; negative if it replaced one.</param>
    /// <param name="json">The item.</param>
    public string? Find(StoredBody parent, int position, ReadOnlyMemory<byte> json)
    {
        if (!_body.TryGetProperty("done"u8, out var done))
        {
            return null;
        }

        var nodes = NodesOf(GraphJson.Parse(parent.Body.Span));
        var index = 0;
        foreach (var outcome in done.EnumerateArray())
        {
            // An outcome with an id is not in the order of the tasks.
            var isInOrder = index < nodes.Count && !outcome.TryGetProperty("id"u8, out _);
            if (isInOrder
                && outcome.TryGetProperty("w"u8, out var writes)
                && writes.EnumerateArray().Any(write => Has(write, position, json)))
            {
                return nodes[index];
            }

            index++;
        }

        return null;
    }

    /// <summary>Whether a write has the item: it names its position, or repeats it.</summary>
    private bool Has(JsonElement write, int position, ReadOnlyMemory<byte> json) =>
        write[0].ValueEquals(_channel)
        && write.GetArrayLength() switch
        {
            3 => position >= write[1].GetInt32() && position < write[1].GetInt32() + write[2].GetInt32(),
            2 => JsonMarshal.GetRawUtf8Value(write[1]).IndexOf(json.Span) >= 0,
            _ => false,
        };

    private static List<string> NodesOf(JsonElement parent) => parent.TryGetProperty("next"u8, out var next)
        ? [.. next.EnumerateArray().Select(NameOf)]
        : [];

    private static string NameOf(JsonElement task) =>
        (task.ValueKind == JsonValueKind.String ? task : task.GetProperty("n"u8)).GetString()!;
}
