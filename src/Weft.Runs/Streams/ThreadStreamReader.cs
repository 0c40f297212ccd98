using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Weft.Runs;

/// <summary>
/// Follows the runs of a thread. It returns the logs of the runs one by one, in the order in which they start. Between them it returns
/// edits of the thread's state that clients make after the reader was created. It is not safe for concurrent use.
/// </summary>
public sealed class ThreadStreamReader : IThreadFollower, IDisposable
{
    private readonly RunStreams _streams;
    // Of a reader that falls further behind, the oldest edits are dropped.
    private const int EditsMax = 100;

    private readonly SemaphoreSlim _signal = new(0);
    private readonly ConcurrentQueue<EditNotice> _edits = new();
    private readonly string _owner;
    private RunStream? _last;
    private long _startOrder;
    private RunStreamReader? _first;
    private RunStreamReader? _reading;

    /// <param name="streams">The logs.</param>
    /// <param name="owner">The actor that the thread belongs to.</param>
    /// <param name="threadId">The thread.</param>
    /// <param name="first">The log to read first; null begins with the one after <paramref name="last"/>.</param>
    /// <param name="last">The log after which the next one is looked for, if it is in memory.</param>
    /// <param name="startOrder">Else the run after which the next one is looked for; 0 reads all.</param>
    internal ThreadStreamReader(
        RunStreams streams, string owner, ThreadId threadId, RunStreamReader? first, RunStream? last, long startOrder)
    {
        _owner = owner;
        _streams = streams;
        ThreadId = threadId;
        _first = first;
        _last = last;
        _startOrder = startOrder;
    }

    /// <summary>The thread.</summary>
    public ThreadId ThreadId { get; }

    /// <summary>
    /// Waits until the next run starts if necessary, and returns its log, to be read from the start. Returns null if an edit comes
    /// before it, which <see cref="TryTakeEdit"/> returns.
    /// </summary>
    /// <param name="modes">As <see cref="RunStream.Read"/>.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<RunStreamReader?> NextAsync(IReadOnlyList<string>? modes, CancellationToken cancellationToken)
    {
        if (_first is { } first)
        {
            _first = null;
            return _reading = first;
        }

        var continued = _reading is { IsAbandoned: true } abandoned ? abandoned.Position - 1 : (long?)null;
        if (continued is not null)
        {
            // The run continues in another log.
            _last = null;
            _startOrder--;
        }

        while (true)
        {
            if (continued is null && HasEditBefore(_startOrder + 1))
            {
                return null;
            }

            if (await _streams.FindNextAsync(ThreadId, _last, _startOrder, cancellationToken) is { } next)
            {
                if (continued is null && HasEditBefore(next.StartOrder))
                {
                    // The edit was made, and the run started, while the run was looked for.
                    return null;
                }

                _last = next;
                _startOrder = Math.Max(_startOrder, next.StartOrder);
                if (next.Owner is { } other && other != _owner)
                {
                    // The thread was deleted, and another actor has created one with the same id.
                    continue;
                }

                _reading = next.Read(continued ?? -1, modes);
                if (next.WasForgotten)
                {
                    _reading.AddGap();
                }

                return _reading;
            }

            if (continued is null && !_edits.IsEmpty)
            {
                // The log of the run before it is gone.
                return null;
            }

            await _signal.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Waits for an edit, which <see cref="TryTakeEdit"/> returns. The runs are not read.</summary>
    public async Task WaitForEditAsync(CancellationToken cancellationToken)
    {
        while (_edits.IsEmpty)
        {
            await _signal.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Returns the checkpoint of the oldest edit that was not returned yet; false if there is none.</summary>
    public bool TryTakeEdit([NotNullWhen(true)] out CheckpointAddress? address)
    {
        var found = _edits.TryDequeue(out var edit);
        address = found ? edit.Address : null;
        return found;
    }

    /// <summary>Stops following.</summary>
    public void Dispose()
    {
        _streams.Threads.Unfollow(this);
        _first?.Dispose();
    }

    private bool HasEditBefore(long startOrder) => _edits.TryPeek(out var edit) && edit.StartOrder < startOrder;

    bool IThreadFollower.WantsAllEvents => false;

    void IThreadFollower.RunStarted() => _signal.Release();

    void IThreadFollower.StateEdited(EditNotice edit)
    {
        if (_edits.Count >= EditsMax)
        {
            _edits.TryDequeue(out _);
        }

        _edits.Enqueue(edit);
        _signal.Release();
    }

    void IThreadFollower.ThreadGiven()
    {
        // The server follows the thread at its new home.
    }

    void IThreadFollower.ThreadDeleted()
    {
        // The stream stays open, because a thread with this id may be created again.
    }
}
