namespace Weft.Graphs;

/// <summary>The start of a task.</summary>
/// <param name="id">As <see cref="Id"/>.</param>
/// <param name="node">As <see cref="Node"/>.</param>
/// <param name="input">As <see cref="Input"/>.</param>
/// <param name="triggers">As <see cref="Triggers"/>.</param>
public sealed class TaskStartPart(string id, string node, LazyJson input, IReadOnlyList<string> triggers) : StreamPart
{
    /// <inheritdoc/>
    public override StreamMode Mode => StreamMode.Tasks;

    /// <summary>The id of the task.</summary>
    public string Id => id;

    /// <summary>The node that it executes, or the durable step.</summary>
    public string Node => node;

    /// <summary>The state that the node gets, or the input of the send that the task comes from.</summary>
    public LazyJson Input => input;

    /// <summary>As <see cref="PendingTask.Triggers"/>.</summary>
    public IReadOnlyList<string> Triggers => triggers;

    /// <inheritdoc/>
    public override int CostBytes => input.CostBytes;

    /// <inheritdoc/>
    public override void EncodeValues() => _ = input.Utf8;
}
