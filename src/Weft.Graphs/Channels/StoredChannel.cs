using System.Text.Json;
using System.Text.Json.Nodes;

namespace Weft.Graphs;

/// <summary>A channel of a graph that is not known: its value is the JSON that is stored.</summary>
internal sealed class StoredChannel : StateChannel<JsonElement, JsonElement>
{
    private StoredChannel(string name)
        : base(name)
    {
    }

    private StoredChannel(string name, bool isWhole)
        : base(name, isWhole)
    {
    }

    internal override object? Initial => null;

    /// <summary>
    /// The value that a workflow returned is its whole state. The other channels of the engine are hidden.
    /// </summary>
    public static StoredChannel Of(string name) =>
        name.StartsWith("__", StringComparison.Ordinal)
            ? new StoredChannel(name, isWhole: name == StateGraph.End)
            : new StoredChannel(name);

    internal override JsonObject ExportSchema() => [];

    internal override object Reduce(object? current, IReadOnlyList<object> writes) => writes[^1];

    internal override object ReadWrite(JsonElement json) => json.Clone();

    internal override void WriteWrite(Utf8JsonWriter writer, object write) => ((JsonElement)write).WriteTo(writer);

    internal override object ReadValue(JsonElement json) => json.Clone();

    /// <summary>Only lists are stored as differences.</summary>
    internal override object ApplyDelta(object from, ReadOnlyMemory<byte> delta) => AppendDelta.Apply(
        from as AppendList<JsonElement> ?? new AppendList<JsonElement>([.. ((JsonElement)from).EnumerateArray()]),
        GraphJson.Parse(delta.Span),
        static item => item.Clone());

    internal override void WriteValue(Utf8JsonWriter writer, object value)
    {
        if (value is not AppendList<JsonElement> items)
        {
            ((JsonElement)value).WriteTo(writer);
            return;
        }

        writer.WriteStartArray();
        foreach (var item in items)
        {
            item.WriteTo(writer);
        }

        writer.WriteEndArray();
    }
}
