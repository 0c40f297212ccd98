using Weft.Graphs;

namespace Weft.Runs;

/// <summary>The id of a feedback, a UUID. The server creates UUIDs of version 7.</summary>
/// <param name="Value">The UUID.</param>
public readonly record struct FeedbackId(Guid Value)
{
    /// <summary>Creates a time-ordered id.</summary>
    public static FeedbackId New(TimeProvider time) => new(NewId.TimeOrdered(time));

    /// <inheritdoc />
    public override string ToString() => Value.ToString();
}
