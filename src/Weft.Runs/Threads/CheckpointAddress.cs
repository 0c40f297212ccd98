namespace Weft.Runs;

/// <summary>Which state of a thread is meant (protocol, section E2).</summary>
/// <param name="CheckpointId">The checkpoint; null: the newest.</param>
/// <param name="Namespace">The graph, by its checkpoint namespace; empty for the root graph.</param>
public sealed record CheckpointAddress(string? CheckpointId = null, string Namespace = "")
{
    /// <summary>The newest state of the root graph.</summary>
    public static CheckpointAddress Head { get; } = new();
}
