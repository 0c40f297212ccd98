namespace Weft.Runs.Tests;

public sealed class ScanThreadsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Only_so_many_reads_run_at_once_and_only_so_many_wait()
    {
        using var scans = new ScanThreads(threadsMax: 2, queuedMax: 3);
        using var release = new SemaphoreSlim(0);
        var (running, runningMax) = (0, 0);
        Task<int> ReadAsync(int number) => scans.RunAsync(
            () =>
            {
                runningMax = Math.Max(runningMax, Interlocked.Increment(ref running));
                release.Wait(Token);
                Interlocked.Decrement(ref running);
                return Task.FromResult(number);
            },
            Token);

        var reads = Enumerable.Range(0, 5).Select(ReadAsync).ToList();
        (await Should.ThrowAsync<WeftException>(ReadAsync(5))).Kind.ShouldBe(ProblemKind.Overloaded);
        release.Release(5);

        (await Task.WhenAll(reads)).ShouldBe([0, 1, 2, 3, 4]);
        runningMax.ShouldBeLessThanOrEqualTo(2);
        release.Release();
        (await ReadAsync(6)).ShouldBe(6);
    }

    [Fact]
    public async Task Reads_run_on_threads_of_their_own_and_reads_within_them_on_the_same()
    {
        using var scans = new ScanThreads(threadsMax: 1, queuedMax: 0);

        var (isPoolThread, outer, inner) = await scans.RunAsync(
            async () =>
            {
                var outer = Environment.CurrentManagedThreadId;
                var inner = await scans.RunAsync(() => Task.FromResult(Environment.CurrentManagedThreadId), Token);
                return (Thread.CurrentThread.IsThreadPoolThread, outer, inner);
            },
            Token);

        isPoolThread.ShouldBeFalse();
        inner.ShouldBe(outer);
    }

    [Fact]
    public async Task A_read_that_fails_or_is_cancelled_leaves_its_place()
    {
        using var scans = new ScanThreads(threadsMax: 1, queuedMax: 0);
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Should.ThrowAsync<InvalidDataException>(scans.RunAsync<int>(() => throw new InvalidDataException(), Token));
        await Should.ThrowAsync<OperationCanceledException>(scans.RunAsync(() => Task.FromResult(1), cancelled.Token));

        (await scans.RunAsync(() => Task.FromResult(2), Token)).ShouldBe(2);
    }
}
