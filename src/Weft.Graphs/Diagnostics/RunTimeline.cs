using System.Runtime.CompilerServices;

namespace Weft.Graphs;

/// <summary>
/// Collects what an attempt of a run does: supersteps, tasks, calls of models and tools. It costs a few numbers for each and encodes
/// nothing. Entries after the first <see cref="EntriesMax"/> are only counted. It is safe for concurrent use.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="offset">The time between the start of the run and that of the attempt.</param>
internal sealed class RunTimeline(TimeProvider time, TimeSpan offset = default)
{
    /// <summary>The number of entries that are kept.</summary>
    public const int EntriesMax = 5_000;

    private const int KindCount = 4;

    private readonly Lock _lock = new();
    private readonly long _start = time.GetTimestamp();
    private readonly long _offset = Microseconds(offset);
    private TimelineEntry[] _entries = new TimelineEntry[4];
    private int _count;
    private int _openCalls;
    private TimelineSum[]? _omitted;
    private bool _isClosed;

    /// <summary>Notes that a superstep starts.</summary>
    public TimelineMark StartSuperstep(string checkpointNamespace, int step) => Add(new TimelineEntry
    {
        Kind = TimelineKind.Superstep,
        Start = Now(),
        Scope = checkpointNamespace,
        Step = step,
    });

    /// <summary>Notes a checkpoint that no superstep made: that of the input, or of a command.</summary>
    public void AddCheckpoint(string checkpointNamespace, Checkpoint checkpoint, bool isKept)
    {
        var mark = StartSuperstep(checkpointNamespace, checkpoint.Step);
        EndSuperstep(mark, TimelineStatus.Success, checkpoint, isKept);
    }

    /// <summary>Notes that a superstep ends, with the checkpoint that it made; null if it made none.</summary>
    public void EndSuperstep(TimelineMark mark, TimelineStatus status, Checkpoint? made, bool isKept, Exception? error = null)
    {
        var now = Now();
        lock (_lock)
        {
            if (mark.Index < 0)
            {
                Omit(mark, status, now);
                return;
            }

            ref var entry = ref _entries[mark.Index];
            if (TryEnd(ref entry, status, now))
            {
                entry.Id = isKept ? made?.Id : null;
                entry.Name = made is null ? null : CheckpointWriter.Name(made.Source);
                entry.Error = status == TimelineStatus.Error && error is not null ? ErrorNames.Of(error) : null;
            }
        }
    }

    /// <summary>Notes that a task starts.</summary>
    public TimelineMark StartTask(string checkpointNamespace, int step, NodeTask task) => Add(new TimelineEntry
    {
        Kind = TimelineKind.Task,
        Start = Now(),
        Scope = checkpointNamespace,
        Step = step,
        Id = task.Id,
        Name = task.Node.Name,
    });

    /// <summary>Notes how a task went. Calls that it has not ended end with it.</summary>
    public void EndTask(TimelineMark mark, NodeTask task, CancellationToken stop)
    {
        var now = Now();
        var status = task.IsPaused ? TimelineStatus.Interrupted : StatusOf(task.Error, stop);
        lock (_lock)
        {
            if (mark.Index < 0)
            {
                // Its calls are omitted too, because they started later.
                Omit(mark, status, now);
                return;
            }

            if (_openCalls > 0 && !_isClosed)
            {
                EndCalls(mark.Index + 1, task.Id, status, now);
            }

            ref var entry = ref _entries[mark.Index];
            if (TryEnd(ref entry, status, now))
            {
                entry.Tries = task.Tries;
                entry.IsCached = task.IsCached;
                entry.Error = status == TimelineStatus.Error ? ErrorNames.Of(task.Error!) : null;
            }
        }
    }

    /// <summary>Notes that a task calls a model or a tool.</summary>
    /// <param name="kind">Which of them.</param>
    /// <param name="taskId">The task.</param>
    /// <param name="id">The id of the call; null if it has none.</param>
    /// <param name="name">The name of the client or the tool.</param>
    /// <param name="model">The model; null if it is not known.</param>
    public TimelineMark StartCall(TimelineKind kind, string taskId, string? id, string name, string? model = null) => Add(new TimelineEntry
    {
        Kind = kind,
        Start = Now(),
        Scope = taskId,
        Id = id,
        Name = name,
        Model = model,
    });

    /// <summary>Notes that a call ends.</summary>
    /// <param name="mark">The call.</param>
    /// <param name="error">Why it failed; null if it did not.</param>
    /// <param name="model">The model, if it is known now.</param>
    /// <param name="usage">The tokens; null if the model did not say.</param>
    /// <param name="stop">The token that stops the call.</param>
    public void EndCall(
        TimelineMark mark, Exception? error = null, string? model = null, TokenUsage? usage = null, CancellationToken stop = default)
    {
        var now = Now();
        var status = error is GraphInterruptException ? TimelineStatus.Interrupted : StatusOf(error, stop);
        lock (_lock)
        {
            if (mark.Index < 0)
            {
                Omit(mark, status, now, usage ?? default);
                return;
            }

            ref var entry = ref _entries[mark.Index];
            if (TryEnd(ref entry, status, now))
            {
                entry.Model = model ?? entry.Model;
                entry.Error = status == TimelineStatus.Error ? ErrorNames.Of(error!) : null;
                entry.Usage = usage is { } tokens ? new StrongBox<TokenUsage>(tokens) : null;
            }
        }
    }

    /// <summary>Returns what was collected until now.</summary>
    public TimelineState Read()
    {
        lock (_lock)
        {
            return new TimelineState(_entries.AsMemory(0, _count).ToArray(), _omitted is null ? null : [.. _omitted], !_isClosed);
        }
    }

    /// <summary>Ends what has not ended and returns everything. What code does that was left behind is ignored from now on.</summary>
    public TimelineState Close()
    {
        lock (_lock)
        {
            if (!_isClosed)
            {
                var now = Now();
                foreach (ref var entry in _entries.AsSpan(0, _count))
                {
                    TryEnd(ref entry, TimelineStatus.Cancelled, now);
                }

                _isClosed = true;
            }

            return new TimelineState(_entries.AsMemory(0, _count), _omitted, IsRunning: false);
        }
    }

    private static TimelineStatus StatusOf(Exception? error, CancellationToken stop) =>
        error is null or ParentCommandException ? TimelineStatus.Success
        : Tracing.IsFailure(error, stop) ? TimelineStatus.Error
        : TimelineStatus.Cancelled;

    private static long Microseconds(TimeSpan duration) => duration.Ticks / TimeSpan.TicksPerMicrosecond;

    private long Now() => _offset + Microseconds(time.GetElapsedTime(_start));

    private TimelineMark Add(in TimelineEntry entry)
    {
        lock (_lock)
        {
            if (_isClosed)
            {
                return new TimelineMark(-1, entry.Kind, entry.Start);
            }

            if (_count == EntriesMax)
            {
                _omitted ??= new TimelineSum[KindCount];
                ref var sum = ref _omitted[(int)entry.Kind];
                sum = sum with { Count = sum.Count + 1 };
                return new TimelineMark(-1, entry.Kind, entry.Start);
            }

            if (_count == _entries.Length)
            {
                Array.Resize(ref _entries, Math.Min(_count * 2, EntriesMax));
            }

            _openCalls += entry.Kind >= TimelineKind.Model ? 1 : 0;
            _entries[_count] = entry;
            return new TimelineMark(_count++, entry.Kind, entry.Start);
        }
    }

    private bool TryEnd(ref TimelineEntry entry, TimelineStatus status, long now)
    {
        if (_isClosed || entry.Status != TimelineStatus.Running)
        {
            return false;
        }

        _openCalls -= entry.Kind >= TimelineKind.Model ? 1 : 0;
        entry.Status = status;
        entry.End = now;
        return true;
    }

    private void EndCalls(int first, string taskId, TimelineStatus status, long now)
    {
        foreach (ref var entry in _entries.AsSpan(first, _count - first))
        {
            if (entry.Kind >= TimelineKind.Model && entry.Scope == taskId)
            {
                // The task reports its failure itself.
                TryEnd(ref entry, status == TimelineStatus.Error ? TimelineStatus.Cancelled : status, now);
            }
        }
    }

    private void Omit(TimelineMark mark, TimelineStatus status, long now, TokenUsage usage = default)
    {
        if (!_isClosed && _omitted is not null)
        {
            ref var sum = ref _omitted[(int)mark.Kind];
            sum = sum.Plus(new TimelineSum(0, status == TimelineStatus.Error ? 1 : 0, now - mark.Start, usage));
        }
    }
}
