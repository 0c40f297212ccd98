using Weft.Runs;

namespace Weft.Storage.TestKit;

/// <summary>What storage must have of a thread after any writes, computed in memory.</summary>
internal sealed class ThreadModel(ThreadRecord thread)
{
    public ThreadRecord Thread => thread;

    public List<RunModel> Runs { get; } = [];

    /// <summary>The checkpoints of each namespace in the order of their ids, hidden ones included.</summary>
    public SortedDictionary<string, List<CheckpointModel>> Checkpoints { get; } = new(StringComparer.Ordinal);

    /// <summary>The messages in the order of their numbers. Those of deleted runs are null.</summary>
    public List<MessageRecord?> Messages { get; } = [];

    public int RunsStarted { get; private set; }

    public bool IsBusy => Runs.Any(static run => !run.HasEnded);

    public List<CheckpointModel> Of(string ns) => Checkpoints.TryGetValue(ns, out var found) ? found : Checkpoints[ns] = [];

    public CheckpointModel? Find(string ns, CheckpointId? id) => Of(ns).Find(one => one.Record.CheckpointId == id);

    public IEnumerable<CheckpointModel> Visible(string ns) => Of(ns).Where(static one => !one.IsHidden);

    /// <summary>The newest visible checkpoint of each namespace.</summary>
    public IReadOnlyList<CheckpointModel> Heads() =>
        [.. Checkpoints.Keys.ToList().Select(ns => Visible(ns).LastOrDefault()).OfType<CheckpointModel>()];

    public bool TryStart(RunModel run, int attempt)
    {
        if (run.HasEnded || attempt != run.Attempt + 1 || Runs.Any(other => other != run && other.IsRunning))
        {
            return false;
        }

        run.StartOrder = run.StartOrder == 0 ? ++RunsStarted : run.StartOrder;
        (run.Attempt, run.IsRunning) = (attempt, true);
        return true;
    }

    /// <summary>Adds checkpoints as an edit or an attempt does. Returns false, and adds none, if a parent is missing.</summary>
    public bool TryAdd(IReadOnlyList<CheckpointRecord> added)
    {
        var known = added.Select(static one => (CheckpointId?)one.CheckpointId).ToList();
        if (added.Where((one, i) => one.ParentId is not null && !known[..i].Contains(one.ParentId) && Find(one.Namespace, one.ParentId) is null).Any())
        {
            return false;
        }

        foreach (var checkpoint in added.Where(one => Find(one.Namespace, one.CheckpointId) is null))
        {
            Of(checkpoint.Namespace).Add(new CheckpointModel(checkpoint));
        }

        return true;
    }

    /// <summary>Removes a run. Its checkpoints are hidden, unless none that is visible follows.</summary>
    public void Remove(RunModel run)
    {
        Runs.Remove(run);
        foreach (var checkpoints in Checkpoints.Values)
        {
            foreach (var checkpoint in checkpoints.Where(one => one.Record.RunId == run.Id))
            {
                checkpoint.IsHidden = true;
                checkpoint.Outcomes.Clear();
            }

            checkpoints.RemoveRange(
                checkpoints.FindLastIndex(static one => !one.IsHidden) + 1,
                checkpoints.Count - checkpoints.FindLastIndex(static one => !one.IsHidden) - 1);
        }

        for (var i = 0; i < Messages.Count; i++)
        {
            Messages[i] = Messages[i]?.RunId == run.Id ? null : Messages[i];
        }
    }

    /// <summary>Removes all checkpoints except the given ones, whose bodies may be new.</summary>
    public void PruneTo(IReadOnlyList<CheckpointRecord> kept)
    {
        foreach (var checkpoints in Checkpoints.Values)
        {
            checkpoints.RemoveAll(one => !kept.Any(record => record.CheckpointId == one.Record.CheckpointId && record.Namespace == one.Record.Namespace));
        }

        foreach (var record in kept)
        {
            Find(record.Namespace, record.CheckpointId)!.Record = record;
        }
    }

    /// <summary>Makes the model of a copy.</summary>
    public ThreadModel Copy(ThreadRecord copied)
    {
        var copy = new ThreadModel(copied);
        foreach (var (ns, checkpoints) in Checkpoints)
        {
            copy.Of(ns).AddRange(checkpoints.Select(one => one.Copy(copied.ThreadId)));
        }

        return copy;
    }
}

/// <summary>A run of a <see cref="ThreadModel"/> with its stored events.</summary>
internal sealed class RunModel(RunId id)
{
    public RunId Id => id;

    public int Attempt { get; set; }

    public bool IsRunning { get; set; }

    public bool HasEnded { get; set; }

    public int StartOrder { get; set; }

    public List<StreamBlock> Blocks { get; } = [];

    public void Append(StreamBlock? block)
    {
        if (block is not null)
        {
            Blocks.RemoveAll(stored => stored.FirstSeq == block.FirstSeq);
            Blocks.Add(block);
        }
    }
}

/// <summary>A checkpoint of a <see cref="ThreadModel"/> with the outcomes of its tasks.</summary>
internal sealed class CheckpointModel(CheckpointRecord record)
{
    public CheckpointRecord Record { get; set; } = record;

    public bool IsHidden { get; set; }

    public SortedDictionary<string, byte> Outcomes { get; private init; } = new(StringComparer.Ordinal);

    public CheckpointModel Copy(ThreadId copyId) => new(Record with { ThreadId = copyId })
    {
        IsHidden = IsHidden,
        Outcomes = new SortedDictionary<string, byte>(Outcomes, StringComparer.Ordinal),
    };
}
