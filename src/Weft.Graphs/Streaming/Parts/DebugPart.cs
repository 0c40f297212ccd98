namespace Weft.Graphs;

/// <summary>A checkpoint, task start or task result with step and time.</summary>
/// <param name="type">As <see cref="Type"/>.</param>
/// <param name="step">As <see cref="Step"/>.</param>
/// <param name="time">As <see cref="Time"/>.</param>
/// <param name="part">As <see cref="Part"/>.</param>
public sealed class DebugPart(string type, int step, DateTimeOffset time, StreamPart part) : StreamPart
{
    internal const string Checkpoint = "checkpoint";

    internal const string Task = "task";

    internal const string TaskResult = "task_result";

    /// <inheritdoc/>
    public override StreamMode Mode => StreamMode.Debug;

    /// <summary><c>checkpoint</c>, <c>task</c> or <c>task_result</c>.</summary>
    public string Type => type;

    /// <summary>The superstep.</summary>
    public int Step => step;

    /// <summary>When it happened.</summary>
    public DateTimeOffset Time => time;

    /// <summary>What happened.</summary>
    public StreamPart Part => part;

    /// <inheritdoc/>
    public override int CostBytes => part.CostBytes + ValueSize.ObjectBytes;

    /// <inheritdoc/>
    public override void EncodeValues() => part.EncodeValues();
}
