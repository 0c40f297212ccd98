using Microsoft.Extensions.Time.Testing;

namespace Weft.Runs.Tests;

/// <summary>How long a worker waits if nothing is due.</summary>
public sealed class DueWorkerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null, 60)]
    [InlineData(3, 15)]
    public async Task A_server_of_a_cluster_looks_more_often_because_other_servers_send_no_signal(int? key, int seconds)
    {
        var (time, identity) = (new WatchedTime(), new ServerIdentity());
        if (key is { } joined)
        {
            identity.Join(joined);
        }

        using var signal = new WakeSignal();
        using var worker = new IdleWorker(signal, time, identity);
        await worker.StartAsync(Token);
        await worker.StartedAsync(Token);

        (await time.FirstWait.WaitAsync(TimeSpan.FromSeconds(20), Token)).ShouldBe(TimeSpan.FromSeconds(seconds));

        await worker.StopAsync(Token);
    }

    [Fact]
    public async Task A_worker_whose_database_fails_while_it_stops_ends_without_a_failure()
    {
        using var signal = new WakeSignal();
        using var worker = new StoppedWorker(signal);
        await worker.StartAsync(Token);
        await worker.StartedAsync(Token);
        await worker.Begun.WaitAsync(TimeSpan.FromSeconds(20), Token);

        await worker.StopAsync(Token);

        worker.ExecuteTask!.IsCompletedSuccessfully.ShouldBeTrue();
    }

    /// <summary>Uses a database that fails when the server stops.</summary>
    private sealed class StoppedWorker(WakeSignal signal) : DueWorker(signal, TimeProvider.System, new ServerIdentity())
    {
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Begun => _begun.Task;

        protected override async Task<TimeSpan?> TryHandleDueAsync(CancellationToken stoppingToken)
        {
            _begun.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw new StorageUnavailableException(StorageFault.Failing);
        }
    }

    private sealed class IdleWorker(WakeSignal signal, TimeProvider time, ServerIdentity server) : DueWorker(signal, time, server)
    {
        protected override Task<TimeSpan?> TryHandleDueAsync(CancellationToken stoppingToken) =>
            Task.FromResult<TimeSpan?>(WaitFor(null));
    }

    private sealed class WatchedTime : FakeTimeProvider
    {
        private readonly TaskCompletionSource<TimeSpan> _firstWait = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<TimeSpan> FirstWait => _firstWait.Task;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _firstWait.TrySetResult(dueTime);
            return base.CreateTimer(callback, state, dueTime, period);
        }
    }
}
