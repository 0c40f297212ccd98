using System.Text.Json.Serialization.Metadata;

namespace Weft.Graphs;

/// <summary>
/// A channel for writes that are all the same: it takes several in a superstep and holds one of them, until a superstep
/// ends that wrote none.
/// </summary>
public sealed class AnyValueChannel<T> : LastValueChannel<T>
{
    internal AnyValueChannel(string name, JsonTypeInfo<T>? typeInfo)
        : base(name, typeInfo)
    {
    }

    internal override bool IsEphemeral => true;

    internal override object Reduce(object? current, IReadOnlyList<object> writes) => writes[^1];
}
