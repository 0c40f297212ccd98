namespace Weft.Runs;

/// <summary>Identifies a state of a thread (docs/protocol/state.md E2).</summary>
/// <param name="CheckpointId">The checkpoint; null means the newest one.</param>
/// <param name="Namespace">The checkpoint namespace of the graph; empty for the root graph.</param>
public sealed record CheckpointAddress(string? CheckpointId = null, string Namespace = "")
{
    /// <summary>The newest state of the root graph.</summary>
    public static CheckpointAddress Head { get; } = new();
}
