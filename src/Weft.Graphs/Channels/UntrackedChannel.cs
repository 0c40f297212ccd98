using System.Text.Json.Serialization.Metadata;

namespace Weft.Graphs;

/// <summary>A channel that lives as long as the run: no checkpoint keeps it, and after a pause it is absent.</summary>
public sealed class UntrackedChannel<T> : LastValueChannel<T>
{
    private readonly bool _takesSeveral;

    internal UntrackedChannel(string name, bool takesSeveral, JsonTypeInfo<T>? typeInfo)
        : base(name, typeInfo) => _takesSeveral = takesSeveral;

    internal override bool IsTracked => false;

    internal override object Reduce(object? current, IReadOnlyList<object> writes) => _takesSeveral ? writes[^1] : base.Reduce(current, writes);
}
