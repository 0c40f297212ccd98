namespace Weft.Runs;

/// <summary>Blocks threads of the thread pool without taking them from other work.</summary>
/// <remarks>
/// The pool replaces blocked threads by itself, but more and more slowly: while 60 threads were blocked on two cores, other work
/// waited for 12 s. It replaces them at once up to its minimum of threads, so each blocked thread raises the minimum by one.
/// </remarks>
internal static class PoolThread
{
    private static readonly Lock Lock = new();

    /// <summary>Blocks until the task has completed, also if it fails.</summary>
    public static void WaitFor(Task task)
    {
        var isReplaced = TryChangeMinimum(1);
        try
        {
            // Task.Wait would ask the pool to make up for the blocked thread in its own way. While it does, a higher minimum takes
            // effect later, and not at all if memory is short. The end of the task needs no thread of the pool to be noticed.
            var ended = new ManualResetEventSlim();
            task.ContinueWith(
                static (_, ended) => ((ManualResetEventSlim)ended!).Set(),
                ended,
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
            ended.Wait();
        }
        finally
        {
            if (isReplaced)
            {
                TryChangeMinimum(-1);
            }
        }
    }

    /// <summary>Changes the minimum of threads; false if the pool refuses it, because that is more than its maximum.</summary>
    private static bool TryChangeMinimum(int change)
    {
        lock (Lock)
        {
            ThreadPool.GetMinThreads(out var workers, out var completionPorts);
            return ThreadPool.SetMinThreads(workers + change, completionPorts);
        }
    }
}
