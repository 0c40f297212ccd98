using System.Text.Json;

namespace Weft.Graphs;

/// <summary>Where streamed messages come from: a task, and the model that it asks.</summary>
/// <param name="node">As <see cref="Node"/>.</param>
/// <param name="model">As <see cref="Model"/>.</param>
/// <param name="metadata">As <see cref="Metadata"/>.</param>
public sealed class MessageSource(string node, ModelInfo? model, ReadOnlyMemory<byte> metadata) : StreamItem
{
    /// <summary>The node.</summary>
    public string Node => node;

    /// <summary>The model; null if it is unknown.</summary>
    public ModelInfo? Model => model;

    /// <summary>The metadata of the messages, a JSON object (docs/protocol/streaming.md D5).</summary>
    public ReadOnlyMemory<byte> Metadata => metadata;

    /// <summary>Reads a source from the metadata of its messages.</summary>
    internal static MessageSource Of(ReadOnlyMemory<byte> metadata)
    {
        var json = GraphJson.Parse(metadata.Span);
        var model = json.TryGetProperty("ls_model_type"u8, out _)
            ? new ModelInfo(TextOf(json, "ls_provider"), TextOf(json, "ls_model_name"))
            {
                Tags = json.TryGetProperty("tags"u8, out var tags) && tags.ValueKind == JsonValueKind.Array
                    ? [.. tags.EnumerateArray().Select(static tag => tag.ToString())]
                    : [],
            }
            : null;
        return new MessageSource(TextOf(json, "langgraph_node") ?? "", model, metadata);
    }

    private static string? TextOf(JsonElement json, string member) =>
        json.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
