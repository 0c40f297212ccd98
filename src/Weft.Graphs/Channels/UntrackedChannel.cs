using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Weft.Graphs;

/// <summary>
/// A channel whose value lives as long as the run. Checkpoints do not store it, and after a pause it is absent. A value
/// that can't be written as JSON is shown as null.
/// </summary>
public sealed class UntrackedChannel<T> : LastValueChannel<T>
{
    private readonly bool _takesSeveral;

    internal UntrackedChannel(string name, bool takesSeveral, JsonTypeInfo<T>? typeInfo)
        : base(name, typeInfo) => _takesSeveral = takesSeveral;

    internal override bool IsTracked => false;

    // Its type need not be one of JSON.
    internal override bool ChecksInput => false;

    internal override void ShowValue(Utf8JsonWriter writer, object value)
    {
        try
        {
            writer.WriteRawValue(GraphJson.Encode(value, WriteValue), skipInputValidation: true);
        }
        catch (InvalidUpdateException)
        {
            // Such as a connection that the nodes of a run share.
            writer.WriteNullValue();
        }
    }

    internal override object Reduce(object? current, IReadOnlyList<object> writes) =>
        _takesSeveral ? writes[^1] : base.Reduce(current, writes);
}
