namespace Weft.Graphs;

/// <summary>A node used the store of a run that has none.</summary>
public sealed class NoStoreException()
    : GraphException("The run has no store: give it one with GraphRunOptions.Store, such as a new InMemoryStore().");
