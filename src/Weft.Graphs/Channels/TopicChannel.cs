using System.Text.Json.Serialization.Metadata;

namespace Weft.Graphs;

/// <summary>
/// A channel of the items that the last superstep published. The next superstep sees them, and then they are removed,
/// unless the channel accumulates.
/// </summary>
public sealed class TopicChannel<T> : ListChannel<T>
{
    private readonly bool _accumulates;

    internal TopicChannel(string name, bool accumulates, JsonTypeInfo<T>? typeInfo)
        : base(name, typeInfo, absentAtFirst: true) => _accumulates = accumulates;

    internal override bool IsEphemeral => !_accumulates;

    internal override object Reduce(object? current, IReadOnlyList<object> writes) => base.Reduce(_accumulates ? current : null, writes);
}
