namespace Weft.Graphs;

/// <summary>
/// A node asked a question in a run that has no checkpointer, so that no later run could bring the answer.
/// </summary>
public sealed class NoCheckpointerException()
    : GraphException(
        "An interrupt needs a checkpointer: give the run one with GraphRunOptions.Checkpointer, such as a new "
            + "InMemoryCheckpointer().");
