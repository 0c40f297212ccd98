namespace Weft.Graphs;

/// <summary>The tasks and barriers after a superstep.</summary>
/// <param name="Next">The tasks of the next superstep.</param>
/// <param name="Deferred">Tasks of deferred nodes that wait.</param>
/// <param name="Barriers">The waiting barriers: name to the nodes that have arrived.</param>
internal sealed record NextTasks(
    IReadOnlyList<PendingTask> Next, IReadOnlyList<PendingTask> Deferred, IReadOnlyDictionary<string, IReadOnlyList<string>> Barriers)
{
    /// <summary>Makes the deferred tasks the next ones if no others are left.</summary>
    public NextTasks ReleaseDeferred(CompiledGraph graph) =>
        Next.Count > 0 || Deferred.Count == 0 ? this : this with { Next = Superstep.Merge(graph, [], Deferred), Deferred = [] };
}
