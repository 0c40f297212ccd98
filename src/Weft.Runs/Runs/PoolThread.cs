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
            // The continuation does not fail.
            task.ContinueWith(static _ => { }, TaskScheduler.Default).Wait();
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
