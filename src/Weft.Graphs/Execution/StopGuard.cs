namespace Weft.Graphs;

/// <summary>
/// Limits how long a run waits for code that continues after it was asked to stop. Such code gets a grace time. Then it
/// is left behind: the run ends without it, and it can no longer affect the run or the thread. A guard is for one run.
/// </summary>
/// <param name="grace">How long the code may continue.</param>
/// <param name="time">The clock.</param>
/// <param name="abandoned">
/// Called when code is left behind, from any thread; null means that nobody is notified.
/// </param>
public sealed class StopGuard(TimeSpan grace, TimeProvider time, Action<AbandonedWork>? abandoned = null)
{
    private RunJournal? _journal;
    private SuperstepRunner? _runner;

    internal Fence Fence { get; } = new(null);

    internal TimeSpan Grace => grace;

    /// <summary>
    /// Runs something that runs a graph with this guard (<see cref="GraphRunOptions.Guard"/>), on a thread of its own.
    /// </summary>
    /// <param name="work">The work. It may block its thread.</param>
    /// <param name="stopped">Completes when the work is asked to stop; the caller also cancels the token that the work
    /// was given.</param>
    /// <exception cref="OperationCanceledException">The work was left behind.</exception>
    public async Task<T> RunAsync<T>(Func<Task<T>> work, Task stopped)
    {
        ArgumentNullException.ThrowIfNull(work);
        var running = Task.Run(work);
        if (await Task.WhenAny(running, stopped) != running)
        {
            await ((Task)running).WaitAsync(grace, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (running.IsCompleted)
        {
            return await running;
        }

        Fence.Close();
        Report(_runner?.UnfinishedNodes() ?? [], running);
        if (_journal is { } journal)
        {
            await journal.FlushAsync();
        }

        throw new OperationCanceledException($"The work was left behind because it did not stop within {grace}.");
    }

    internal void Attach(RunJournal journal) => _journal = journal;

    internal void Attach(SuperstepRunner runner) => _runner = runner;

    internal void Report(IReadOnlyList<string> nodes, Task work)
    {
        // Nobody else observes its exception.
        _ = work.ContinueWith(
            static work => _ = work.Exception,
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        abandoned?.Invoke(new AbandonedWork(nodes, work));
    }
}
