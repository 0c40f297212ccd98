using System.Collections.Concurrent;

namespace Weft.Graphs;

/// <summary>
/// Keeps the checkpoint of a run and the outcomes of the tasks in the superstep after it. The run's durability says
/// when they are stored.
/// </summary>
internal sealed class RunJournal(GraphRunOptions options, Fence? fence, Checkpoint start) : ITaskJournal
{
    private readonly CheckpointSaver _saver = new(options, start.Id.Length == 0 ? null : start.Id);

    /// <summary>
    /// Locked while it is used, because the tasks of a superstep keep their outcomes at the same time.
    /// </summary>
    private readonly Dictionary<string, TaskOutcome> _outcomes = [];

    private ConcurrentDictionary<string, string>? _claims;

    /// <summary>The checkpoint from which the open superstep starts.</summary>
    public Checkpoint Checkpoint { get; private set; } = start;

    /// <summary>A copy of the outcomes that are known of the open superstep.</summary>
    public TaskOutcome[] Outcomes
    {
        get
        {
            lock (_outcomes)
            {
                return [.. _outcomes.Values];
            }
        }
    }

    /// <summary>Opens the superstep after a new checkpoint. The outcomes of the one before are forgotten.</summary>
    public void MoveTo(Checkpoint next)
    {
        lock (_outcomes)
        {
            _outcomes.Clear();
        }

        _claims = null;
        Checkpoint = next;
    }

    /// <summary>
    /// Replaces the checkpoint by one with the same id that has the writes of commands applied. The outcomes stay.
    /// </summary>
    public void Amend(Checkpoint checkpoint) => Checkpoint = checkpoint;

    /// <summary>Adds outcomes that are already stored, or that are not to be stored.</summary>
    public void Add(IEnumerable<TaskOutcome> outcomes)
    {
        lock (_outcomes)
        {
            foreach (var outcome in outcomes)
            {
                _outcomes[outcome.TaskId] = outcome;
            }
        }
    }

    public TaskOutcome? Find(string id)
    {
        lock (_outcomes)
        {
            return _outcomes.GetValueOrDefault(id);
        }
    }

    public bool TryClaim(string checkpointNamespace, string taskId) =>
        LazyInitializer.EnsureInitialized(ref _claims, static () => new ConcurrentDictionary<string, string>())
            .GetOrAdd(checkpointNamespace, taskId) == taskId;

    /// <summary>Keeps an outcome. The task that is returned completes when it is stored.</summary>
    public Task Keep(TaskOutcome outcome)
    {
        fence?.ThrowIfClosed();
        lock (_outcomes)
        {
            _outcomes[outcome.TaskId] = outcome;
        }

        return _saver.SaveOutcome(Checkpoint, outcome);
    }

    public Task KeepAsync(TaskOutcome outcome)
    {
        var kept = Keep(outcome);
        return options.Durability == Durability.Sync ? kept : Task.CompletedTask;
    }

    /// <summary>Stores the checkpoint.</summary>
    public ValueTask SaveAsync(CancellationToken cancellationToken) => _saver.SaveAsync(Checkpoint, cancellationToken);

    /// <summary>Waits for the writes that are under way, and ignores their failures.</summary>
    public Task SettleAsync() => _saver.SettleAsync();

    /// <summary>Stores everything that is not stored yet.</summary>
    public Task FlushAsync() => _saver.FlushAsync(Checkpoint, Outcomes);
}
