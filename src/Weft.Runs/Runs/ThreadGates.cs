namespace Weft.Runs;

/// <summary>The single caller that each thread's coordinator has: whoever holds the thread's gate. Gates of threads without runs are let go.</summary>
internal sealed class ThreadGates
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ThreadId, Gate> _gates = [];

    /// <summary>The runs of all threads.</summary>
    public RunBacklog Backlog { get; } = new();

    /// <summary>Waits for the thread's gate.</summary>
    public async ValueTask<Lease> EnterAsync(ThreadId threadId, CancellationToken cancellationToken)
    {
        Gate? gate;
        lock (_lock)
        {
            if (!_gates.TryGetValue(threadId, out gate))
            {
                _gates[threadId] = gate = new Gate(threadId, Backlog);
            }

            gate.Users++;
        }

        try
        {
            await gate.Turn.WaitAsync(cancellationToken);
        }
        catch
        {
            Release(gate);
            throw;
        }

        return new Lease(this, gate);
    }

    private void Release(Gate gate)
    {
        lock (_lock)
        {
            if (--gate.Users == 0 && gate.Coordinator.IsIdle)
            {
                _gates.Remove(gate.ThreadId);
            }
        }
    }

    internal sealed class Gate(ThreadId threadId, RunBacklog backlog)
    {
        public ThreadId ThreadId { get; } = threadId;

        public SemaphoreSlim Turn { get; } = new(1, 1);

        public ThreadCoordinator Coordinator { get; } = new(backlog);

        public int Users { get; set; }
    }

    /// <summary>A turn at a thread's coordinator; disposing of it lets the next one in.</summary>
    internal readonly struct Lease(ThreadGates gates, Gate gate) : IDisposable
    {
        public ThreadCoordinator Coordinator => gate.Coordinator;

        public void Dispose()
        {
            gate.Turn.Release();
            gates.Release(gate);
        }
    }
}
