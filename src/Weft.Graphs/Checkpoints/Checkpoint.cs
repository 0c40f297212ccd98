using System.Text;

namespace Weft.Graphs;

/// <summary>The state of a graph between two supersteps, with the tasks that come next.</summary>
/// <remarks>
/// A node runs in a superstep exactly if an edge, a branch or a send of the superstep before triggered it. So a
/// checkpoint stores the tasks of the next superstep, not versions of trigger channels from which to compute them.
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

    /// <summary>The step: −1 for the first input, then one more for each checkpoint.</summary>
    public required int Step { get; init; }

    /// <summary>The kind of change that made it.</summary>
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

    /// <summary>The nodes that ran in the last superstep, or as which the state was edited.</summary>
    public IReadOnlyList<string> LastNodes { get; init; } = [];

    /// <summary>The waiting barriers: name to the nodes that have arrived.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Barriers { get; init; } = NoBarriers;

    /// <summary>
    /// Tasks of deferred nodes that were triggered. They become the next tasks when no others are left.
    /// </summary>
    public IReadOnlyList<PendingTask> Deferred { get; init; } = [];

    /// <summary>The outcomes of the tasks of the superstep that this checkpoint ends, for the history.</summary>
    public IReadOnlyList<TaskOutcome> Completed { get; init; } = [];

    /// <summary>
    /// The nodes that ran last without being sent to; null means <see cref="LastNodes"/>. An edit of the state that names no node is
    /// made as one of them (docs/protocol/state.md E5).
    /// </summary>
    internal IReadOnlyList<string>? LastTriggered { get; init; }

    /// <summary>
    /// The call of the surrounding task for which the graph ran; null if the task makes only one, or in older
    /// checkpoints.
    /// </summary>
    internal GraphCall? Call { get; init; }

    /// <summary>
    /// The id of the checkpoint of an enclosing graph in whose superstep this one was made; null if there is none.
    /// </summary>
    internal string? ParentIn(string checkpointNamespace) => Parents().FirstOrDefault(parent => parent.Key == checkpointNamespace).Value;

    /// <summary>
    /// For each graph around this one, from the root on: its namespace, and the id of its checkpoint in whose superstep
    /// this one was made.
    /// </summary>
    internal IReadOnlyList<KeyValuePair<string, string>> Parents() =>
        Namespace.Length > 0 && GraphJson.Parse(Encoding.UTF8.GetBytes(Metadata)).TryGetProperty("parents"u8, out var parents)
            ? [.. parents.EnumerateObject().Select(parent => KeyValuePair.Create(parent.Name, parent.Value.GetString()!))]
            : [];

    /// <summary>
    /// Returns the checkpoint without the values of, and the writes to, channels that checkpoints do not store.
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
