using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Weft.Graphs;

/// <summary>A channel whose value is its old value combined with each write, in task order.</summary>
public sealed class ReducerChannel<T> : StateChannel<T, T>
{
    private readonly Func<T, T, T> _reduce;
    private readonly JsonTypeInfo<T>? _typeInfo;

    internal ReducerChannel(string name, T initial, Func<T, T, T> reduce, JsonTypeInfo<T>? typeInfo)
        : base(name)
    {
        Initial = NullSentinel.Wrap(initial);
        _reduce = reduce;
        _typeInfo = typeInfo;
    }

    /// <summary>Reads JSON from outside for a member of a state; null if the channel is not one.</summary>
    internal MemberJson<T>? Member { get; init; }

    internal override object? Initial { get; }

    internal override bool ChecksInput => ChannelJson.HasMembers(_typeInfo);

    internal override bool IsReduced => true;

    internal override object Reduce(object? current, IReadOnlyList<object> writes)
    {
        var value = NullSentinel.Unwrap<T>(current!);
        foreach (var write in writes)
        {
            value = _reduce(value, NullSentinel.Unwrap<T>(write));
        }

        return NullSentinel.Wrap(value);
    }

    internal override object ReadInput(JsonElement json) =>
        Member is null ? ChannelJson.ReadInput(Name, json, _typeInfo) : NullSentinel.Wrap(Member.Read(Name, json));

    internal override object ReadWrite(JsonElement json) => ChannelJson.Read(Name, json, _typeInfo);

    internal override void WriteWrite(Utf8JsonWriter writer, object write) => ChannelJson.Write(Name, writer, write, _typeInfo);

    internal override JsonObject ExportSchema() => SchemaExport.WithDefault(SchemaExport.Of(_typeInfo ?? GraphJson.WebTypeInfo<T>()), this);

    internal override object ReadValue(JsonElement json) => ReadWrite(json);

    internal override void WriteValue(Utf8JsonWriter writer, object value) => WriteWrite(writer, value);
}
