using System.Text.Json.Serialization.Metadata;

namespace Weft.Graphs;

/// <summary>A channel whose value exists only in the next superstep.</summary>
public sealed class EphemeralChannel<T> : LastValueChannel<T>
{
    private readonly bool _takesSeveral;

    internal EphemeralChannel(string name, bool takesSeveral, JsonTypeInfo<T>? typeInfo)
        : base(name, typeInfo) => _takesSeveral = takesSeveral;

    internal override bool IsEphemeral => true;

    internal override object Reduce(object? current, IReadOnlyList<object> writes) =>
        _takesSeveral ? writes[^1] : base.Reduce(current, writes);
}
