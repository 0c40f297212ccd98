using Weft.Graphs;

namespace Weft.Runs;

/// <summary>A stored part that can't be read again, because a state that it shows was removed with its checkpoint.</summary>
/// <param name="mode">The mode of the part.</param>
internal sealed class GapPart(StreamMode mode) : StreamPart
{
    public static GapPart Instance { get; } = new(StreamMode.Values);

    public override StreamMode Mode => mode;

    public override int CostBytes => 0;
}
