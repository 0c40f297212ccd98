namespace Weft.Graphs;

/// <summary>A task of the next superstep: a node, and what set it off.</summary>
/// <param name="Node">The node.</param>
/// <param name="Triggers">What set it off: names such as <c>branch:to:plan</c>, or <c>__pregel_push</c> for a
/// send.</param>
/// <param name="Send">The input, when the task comes of a send.</param>
public sealed record PendingTask(string Node, IReadOnlyList<string> Triggers, Send? Send = null)
{
    internal const string PushTrigger = "__pregel_push";

    /// <summary>
    /// Whether it comes of a send. The one task of a workflow has an input of its own too, but is set off by the start.
    /// </summary>
    internal bool IsPush => Send is not null && Triggers is [PushTrigger];
}
