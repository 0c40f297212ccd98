using Weft.Graphs;

namespace Weft.Runs;

/// <summary>A stored state that can't be read again, because its checkpoint was removed.</summary>
internal sealed class GapPart : StreamPart
{
    public static GapPart Instance { get; } = new();

    public override StreamMode Mode => StreamMode.Values;

    public override int CostBytes => 0;
}
