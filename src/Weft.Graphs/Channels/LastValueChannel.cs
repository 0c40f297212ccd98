using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Weft.Graphs;

/// <summary>
/// A channel that holds the last write. It is absent until first written and takes one write in a superstep.
/// </summary>
public class LastValueChannel<T> : StateChannel<T, T>
{
    private readonly JsonTypeInfo<T>? _typeInfo;

    internal LastValueChannel(string name, JsonTypeInfo<T>? typeInfo)
        : base(name) => _typeInfo = typeInfo;

    /// <summary>For the engine's own.</summary>
    internal LastValueChannel(string name, bool isWhole)
        : base(name, isWhole)
    {
    }

    internal LastValueChannel(string name, T initial, JsonTypeInfo<T>? typeInfo)
        : this(name, typeInfo) => Initial = NullSentinel.Wrap(initial);

    /// <summary>Reads JSON from outside for a member of a state; null if the channel is not one.</summary>
    internal MemberJson<T>? Member { get; init; }

    internal override object? Initial { get; }

    internal override bool ChecksInput => ChannelJson.HasMembers(_typeInfo);

    internal override object Reduce(object? current, IReadOnlyList<object> writes) =>
        writes.Count == 1
            ? writes[0]
            : throw new InvalidUpdateException(
                $"The channel '{Name}' can receive only one value per step; declare it with a reducer (Channel.Reducer, "
                    + "Channel.List) to take several.")
            {
                Channel = this,
            };

    internal override object ReadInput(JsonElement json) =>
        Member is null ? ChannelJson.ReadInput(Name, json, _typeInfo) : NullSentinel.Wrap(Member.Read(Name, json));

    internal override object ReadWrite(JsonElement json) => ChannelJson.Read(Name, json, _typeInfo);

    internal override void WriteWrite(Utf8JsonWriter writer, object write) => ChannelJson.Write(Name, writer, write, _typeInfo);

    internal override JsonObject ExportSchema() => SchemaExport.WithDefault(SchemaExport.Of(_typeInfo ?? GraphJson.WebTypeInfo<T>()), this);

    internal override object ReadValue(JsonElement json) => ReadWrite(json);

    internal override void WriteValue(Utf8JsonWriter writer, object value) => WriteWrite(writer, value);
}
