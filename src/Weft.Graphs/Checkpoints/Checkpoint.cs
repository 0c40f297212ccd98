using System.Text;

namespace Weft.Graphs;

/// <summary>The state of a graph between two supersteps, with the tasks that come next.</summary>
/// <remarks>
/// A node runs in a superstep exactly when an edge, a branch or a send of the one before set it off. So a checkpoint
/// keeps the tasks of the next superstep themselves, not versions of trigger channels from which to work them out.
/// </remarks>
public sealed record Checkpoint
{
    /// <summary>
    /// The id: a UUID of version 6. Ids of one thread and namespace sort, as strings, in the order of creation.
    /// </summary>
    public required string Id { get; init; }

    /// <summary>The checkpoint that it follows; null for the first.</summary>
    public string? ParentId { get; init; }

    /// <summary>The namespace; empty for the root graph.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>−1 for the first input, then one more for each.</summary>
    public required int Step { get; init; }

    /// <summary>What made it.</summary>
    public required CheckpointSource Source { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The run that made it; null for an edit of the state.</summary>
    public string? RunId { get; init; }

    /// <summary>The metadata: a JSON object (docs/protocol/state.md E3).</summary>
    public required string Metadata { get; init; }

    /// <summary>The values of the channels.</summary>
    public required ChannelValues Values { get; init; }

    /// <summary>The tasks of the next superstep, in the order in which they are listed.</summary>
    public IReadOnlyList<PendingTask> Next { get; init; } = [];

    /// <summary>
    /// The input that waits to be applied, when <see cref="Source"/> is <see cref="CheckpointSource.Input"/>.
    /// </summary>
    public StateUpdate? Input { get; init; }

    /// <summary>The nodes that ran in the last superstep, to tell as which node an edit of the state is made.</summary>
    public IReadOnlyList<string> LastNodes { get; init; } = [];

    /// <summary>The waiting barriers: name to the nodes that have arrived.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Barriers { get; init; } = NoBarriers;

    /// <summary>
    /// Tasks of deferred nodes that have been set off; they become the next ones when nothing else is left to do.
    /// </summary>
    public IReadOnlyList<PendingTask> Deferred { get; init; } = [];

    /// <summary>What the tasks wrote whose superstep this checkpoint ends, for the history.</summary>
    public IReadOnlyList<TaskOutcome> Completed { get; init; } = [];

    /// <summary>
    /// Which call of the task around it the graph ran for; null if nothing else can be meant, or in older checkpoints.
    /// </summary>
    internal GraphCall? Call { get; init; }

    /// <summary>
    /// The id of the checkpoint of an enclosing graph inside whose superstep this one was made; null when there is
    /// none.
    /// </summary>
    internal string? ParentIn(string checkpointNamespace) => Parents().FirstOrDefault(parent => parent.Key == checkpointNamespace).Value;

    /// <summary>
    /// The graphs around this one's, from the root on: namespace and id of the checkpoint inside whose superstep this
    /// one was made.
    /// </summary>
    internal IReadOnlyList<KeyValuePair<string, string>> Parents() =>
        Namespace.Length > 0 && GraphJson.Parse(Encoding.UTF8.GetBytes(Metadata)).TryGetProperty("parents"u8, out var parents)
            ? [.. parents.EnumerateObject().Select(parent => KeyValuePair.Create(parent.Name, parent.Value.GetString()!))]
            : [];

    /// <summary>
    /// Returns the checkpoint without what is in channels, or written to channels, that are not kept.
    /// </summary>
    internal Checkpoint Tracked() => !Values.Schema.HasUntracked ? this : this with
    {
        Values = Values.Tracked(),
        Input = Input?.Only([.. Values.Schema.Channels.Where(channel => channel.IsTracked)]),
        Completed = [.. Completed.Select(outcome => outcome.Tracked())],
    };

    internal static IReadOnlyDictionary<string, IReadOnlyList<string>> NoBarriers { get; } =
        new Dictionary<string, IReadOnlyList<string>>();
}
