using System.Text.Json;

namespace Weft.Graphs;

/// <summary>
/// The known outcome of a task of a checkpoint's next superstep. Kept until the superstep ends, so that no finished
/// task runs twice.
/// </summary>
public sealed record TaskOutcome
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>Its writes and its destinations, if it has finished.</summary>
    public TaskWrites? Writes { get; init; }

    /// <summary>The questions it asked.</summary>
    public IReadOnlyList<Interrupt> Interrupts { get; init; } = [];

    /// <summary>The answers to questions that were asked one at a time, in the order of those questions.</summary>
    public IReadOnlyList<JsonElement> Resumes { get; init; } = [];

    /// <summary>
    /// The questions that have a key, or were asked at the same time as others, with the answers they were given.
    /// </summary>
    public IReadOnlyList<TaskQuestion> Questions { get; init; } = [];

    /// <summary>
    /// Answers to questions of graphs inside the task, by interrupt id, until those graphs have stored them.
    /// </summary>
    public IReadOnlyDictionary<string, JsonElement> Answers { get; init; } = NoAnswers;

    /// <summary>Whether the task stopped to be resumed: it asked, or a graph inside it paused.</summary>
    public bool IsPaused { get; init; }

    /// <summary>The return value of a durable step.</summary>
    public JsonElement? Return { get; init; }

    internal static IReadOnlyDictionary<string, JsonElement> NoAnswers { get; } = new Dictionary<string, JsonElement>();

    /// <summary>The run that gave the last answer, so that a second attempt does not give it again.</summary>
    public string? ResumedBy { get; init; }

    /// <summary>How it failed.</summary>
    public string? Error { get; init; }

    /// <summary>
    /// The outcome before a run gave answers, so that a rollback of the run takes them back. It is empty if there was none, and null if
    /// no run gave answers, or it is not known because an earlier version has stored the outcome.
    /// </summary>
    internal TaskOutcome? Before { get; init; }

    /// <summary>Whether nothing is known of the task.</summary>
    internal bool IsEmpty => this is
    {
        Writes: null, Interrupts.Count: 0, Resumes.Count: 0, Questions.Count: 0, Answers.Count: 0,
        IsPaused: false, Return: null, ResumedBy: null, Error: null, Before: null,
    };

    /// <summary>Returns the outcome as one that a run made of an earlier one by giving answers.</summary>
    internal TaskOutcome MadeBy(string? runId, TaskOutcome? before) => this with
    {
        ResumedBy = runId,
        Before = runId is null ? null
            : before is null ? new TaskOutcome { TaskId = TaskId }
            // The run has given answers before, or its question is open again.
            : before.ResumedBy == runId || before is { ResumedBy: null, Before: not null } ? before.Before
            : before with { Before = null },
    };

    /// <summary>Returns the outcome without the writes to channels that are not kept.</summary>
    internal TaskOutcome Tracked() => Writes is null || Writes.Channels.All(write => write.Channel.IsTracked)
        ? this
        : this with { Writes = new TaskWrites([.. Writes.Channels.Where(write => write.Channel.IsTracked)], Writes.Routes, Writes.IsNull) };
}

/// <summary>The writes of a finished task.</summary>
public sealed class TaskWrites
{
    internal TaskWrites(IReadOnlyList<ChannelWrite> channels, IReadOnlyList<Destination> routes, bool isNull)
    {
        Channels = channels;
        Routes = routes;
        IsNull = isNull;
    }

    /// <summary>Whether the node returned no update at all.</summary>
    internal bool IsNull { get; }

    internal IReadOnlyList<ChannelWrite> Channels { get; }

    /// <summary>The nodes and sends that its commands and branches chose.</summary>
    internal IReadOnlyList<Destination> Routes { get; }

    /// <summary>Writes the channel writes as a JSON object, as streams show it.</summary>
    public void WriteTo(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        StateUpdate.WriteTo(writer, Channels, show: true);
    }
}
