using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Weft.Graphs;

/// <summary>
/// A channel that collects items. Each write appends. In JSON a write is one item or a list of items.
/// </summary>
public class ListChannel<T> : StateChannel<IReadOnlyList<T>, IReadOnlyList<T>>
{
    private readonly JsonTypeInfo<T>? _typeInfo;

    internal ListChannel(string name, JsonTypeInfo<T>? typeInfo, bool absentAtFirst)
        : base(name)
    {
        _typeInfo = typeInfo;
        Initial = absentAtFirst ? null : AppendList<T>.Empty;
    }

    /// <summary>Reads JSON from outside for a member of a state; null if the channel is not one.</summary>
    internal MemberJson<T>? Member { get; init; }

    internal override object? Initial { get; }

    internal override bool ChecksInput => ChannelJson.HasMembers(_typeInfo);

    internal override bool IsReduced => true;

    internal override object ValueOf(object write) => AppendList<T>.Empty.Append((IReadOnlyList<T>)write);

    internal override object Reduce(object? current, IReadOnlyList<object> writes)
    {
        var list = (AppendList<T>?)current ?? AppendList<T>.Empty;
        foreach (var write in writes)
        {
            list = list.Append((IReadOnlyList<T>)write);
        }

        return list;
    }

    internal override object Normalize(object write) =>
        write is IReadOnlyList<JsonElement> items ? (JsonElement[])[.. items.Select(Detach)] : write;

    internal override object? TryJoin(object first, object second) => (T[])[.. (IReadOnlyList<T>)first, .. (IReadOnlyList<T>)second];

    internal override object ReadInput(JsonElement json) =>
        json.ValueKind == JsonValueKind.Array
            ? json.EnumerateArray().Select((item, index) => ReadInput($"{Name}[{index}]", item)).ToArray()
            : new[] { ReadInput(Name, json) };

    internal override object ReadWrite(JsonElement json) =>
        json.ValueKind == JsonValueKind.Array ? json.EnumerateArray().Select(ReadItem).ToArray() : new[] { ReadItem(json) };

    internal override void WriteWrite(Utf8JsonWriter writer, object write)
    {
        writer.WriteStartArray();
        foreach (var item in (IReadOnlyList<T>)write)
        {
            WriteItem(writer, item);
        }

        writer.WriteEndArray();
    }

    internal override JsonObject ExportSchema() =>
        new() { ["type"] = "array", ["items"] = SchemaExport.Of(_typeInfo ?? GraphJson.WebTypeInfo<T>()) };

    internal override object ReadValue(JsonElement json) => new AppendList<T>((T[])ReadWrite(json));

    internal override void WriteValue(Utf8JsonWriter writer, object value) => WriteWrite(writer, value);

    internal override bool TryWriteDelta(Utf8JsonWriter writer, object from, object to)
    {
        var (older, newer) = ((AppendList<T>)from, (AppendList<T>)to);
        if (older.Count == 0 || !older.IsPrefixOf(newer))
        {
            return false;
        }

        writer.WriteStartObject();
        writer.WriteNumber("k"u8, older.Count);
        writer.WriteStartArray("a"u8);
        for (var i = older.Count; i < newer.Count; i++)
        {
            WriteItem(writer, newer[i]);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        return true;
    }

    internal override (int Start, int Count)? FindAppended(object from, object to, object write) =>
        AppendDelta.FindAppended((AppendList<T>)from, (AppendList<T>)to, (IReadOnlyList<T>)write);

    internal override object ApplyDelta(object from, ReadOnlyMemory<byte> delta) =>
        AppendDelta.Apply((AppendList<T>)from, GraphJson.Parse(delta.Span), ReadItem);

    // Items are of any type. It is enough that the estimate grows with the list.
    internal override long EstimateBytes(object value) => ((AppendList<T>)value).Count * 64L;

    internal override long SizeOf(object value) =>
        ValueSize.Find(value) ?? ValueSize.Sampled((AppendList<T>)value, (writer, item) => WriteItem(writer, item));

    private T ReadInput(string name, JsonElement json) =>
        Member is null ? NullSentinel.Unwrap<T>(ChannelJson.ReadInput(name, json, _typeInfo)) : Member.Read(name, json);

    private T ReadItem(JsonElement json) => NullSentinel.Unwrap<T>(ChannelJson.Read(Name, json, _typeInfo));

    private void WriteItem(Utf8JsonWriter writer, T item) => ChannelJson.Write(Name, writer, NullSentinel.Wrap(item), _typeInfo);
}
