namespace Weft.Graphs;

/// <summary>A task of the next superstep: a node and its triggers.</summary>
/// <param name="Node">The node.</param>
/// <param name="Triggers">
/// What triggered it: names such as <c>branch:to:plan</c>, or <c>__pregel_push</c> for a send.
/// </param>
/// <param name="Send">The send with the input, if a send triggered the task.</param>
public sealed record PendingTask(string Node, IReadOnlyList<string> Triggers, Send? Send = null)
{
    internal const string PushTrigger = "__pregel_push";

    /// <summary>
    /// Whether a send triggered it. The one task of a workflow also has an input of its own, but the start triggers it.
    /// </summary>
    internal bool IsPush => Send is not null && Triggers is [PushTrigger];
}
