namespace Weft.Runs;

/// <summary>Whether some unfinished run may belong to no coordinator, for example after a start or a storage failure.</summary>
internal sealed class RecoverySignal : IDisposable
{
    private readonly SemaphoreSlim _signal = new(0, 1);
    private int _suspicions = 1;
    private int _cleared;

    /// <summary>Whether the coordinators are known to have all unfinished runs.</summary>
    public bool IsSettled => Volatile.Read(ref _cleared) == Volatile.Read(ref _suspicions);

    /// <summary>Identifies the current suspicion for <see cref="Clear"/>.</summary>
    public int Suspicion => Volatile.Read(ref _suspicions);

    public void Dispose() => _signal.Dispose();

    /// <summary>Reports that an unfinished run may belong to no coordinator.</summary>
    public void Suspect()
    {
        Interlocked.Increment(ref _suspicions);
        try
        {
            _signal.Release();
        }
        catch (SemaphoreFullException)
        {
            // The signal is already set.
        }
    }

    /// <summary>Reports that all unfinished runs were compared after the suspicion was read.</summary>
    public void Clear(int suspicion) => Volatile.Write(ref _cleared, suspicion);

    /// <summary>Waits for a suspicion.</summary>
    public Task WaitAsync(CancellationToken cancellationToken) => _signal.WaitAsync(cancellationToken);
}
