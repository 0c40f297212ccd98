using Microsoft.Extensions.DependencyInjection;
using Weft.Runs;

namespace Weft.Server.Tests.Platform;

public sealed class StorageFaultTests
{
    [Theory]
    [InlineData(StorageFault.Full, 507, "10", "The disk is full; nothing can be stored.")]
    [InlineData(StorageFault.Busy, 503, "1", "The database is in use by another process.")]
    [InlineData(StorageFault.ReadOnly, 503, "10", "The database can't be written to.")]
    [InlineData(StorageFault.Damaged, 503, null, "The database is damaged.")]
    public async Task A_check_of_the_database_writes_and_says_why_that_fails(object fault, int status, string? retryAfter, string detail)
    {
        await using var server = await TestServer.StartAsync(
            add: weft => weft.Services.AddSingleton<IStorageProbe>(new Failing((StorageFault)fault)));

        var answer = await server.Root.GetAsync("/ok?check_db=1");

        (answer.Status, answer.Header("Retry-After"), answer.Detail).ShouldBe((status, retryAfter, detail));
        (await server.Root.GetAsync("/ok")).ShouldBeOk();
    }

    private sealed class Failing(StorageFault fault) : IStorageProbe
    {
        public Task CheckAsync(CancellationToken cancellationToken) => Task.FromException(new StorageUnavailableException(fault));
    }
}
