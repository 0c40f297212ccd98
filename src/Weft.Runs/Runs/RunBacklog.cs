namespace Weft.Runs;

/// <summary>Counts the runs of this server that have not ended, including those that execute.</summary>
internal sealed class RunBacklog
{
    private int _count;

    public int Count => Volatile.Read(ref _count);

    public void Add(int count) => Interlocked.Add(ref _count, count);
}
