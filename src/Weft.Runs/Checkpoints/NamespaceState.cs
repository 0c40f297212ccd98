using System.Collections.Immutable;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>
/// The state of a checkpointer for one namespace. Graphs that run at the same time have different namespaces.
/// </summary>
internal sealed class NamespaceState
{
    private readonly Dictionary<string, int> _known = [];
    private ThreadHead? _head;
    private ImmutableList<TaskOutcome> _outcomes = [];

    /// <summary>Where the values of checkpoints are stored, by their ids, so that the next one can refer to them.</summary>
    public Dictionary<string, StoredState> States { get; } = [];

    /// <summary>The newest checkpoint; null if it does not exist or is not known.</summary>
    public ThreadHead? Head
    {
        get => _head;
        set
        {
            if (value?.Tuple.Checkpoint.Id != _head?.Tuple.Checkpoint.Id)
            {
                _outcomes = value is null ? [] : [.. value.Tuple.Outcomes];
                _known.Clear();
                foreach (var outcome in _outcomes)
                {
                    _known.TryAdd(outcome.TaskId, _known.Count);
                }
            }

            _head = value;
        }
    }

    /// <summary>The ordinal of the newest checkpoint; −1 if it is not known.</summary>
    public long Ordinal { get; set; } = -1;

    /// <summary>
    /// Returns the outcomes at the head with one added, or with that of its task replaced. The previous list does not
    /// change, and is not copied, because a superstep may have thousands.
    /// </summary>
    public IReadOnlyList<TaskOutcome> With(TaskOutcome outcome) => _outcomes = _known.TryAdd(outcome.TaskId, _outcomes.Count)
        ? _outcomes.Add(outcome)
        : _outcomes.SetItem(_known[outcome.TaskId], outcome);
}
