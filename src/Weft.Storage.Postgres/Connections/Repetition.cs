namespace Weft.Storage.Postgres;

/// <summary>Repeats what fails because the database can't be reached, or because transactions were in each other's way.</summary>
/// <param name="limit">How long it is repeated.</param>
/// <param name="health">Reports that the database can't be used.</param>
/// <param name="time">Measures the time.</param>
internal sealed class Repetition(TimeSpan limit, StorageHealth health, TimeProvider time)
{
    private static readonly TimeSpan DelayMin = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan DelayMax = TimeSpan.FromSeconds(1);

    /// <summary>Runs the action until it succeeds or fails in another way.</summary>
    public async Task<T> RunAsync<T>(Func<Task<T>> action, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        for (var delay = DelayMin; ; delay = delay < DelayMax / 2 ? delay * 2 : DelayMax)
        {
            try
            {
                return await action();
            }
            catch (Exception e) when (StorageFaults.IsRepeatable(e) && time.GetElapsedTime(start) + delay <= limit)
            {
                if (!StorageFaults.IsConflict(e))
                {
                    health.Failed(e);
                }
            }

            await Task.Delay(delay, time, cancellationToken);
        }
    }
}
