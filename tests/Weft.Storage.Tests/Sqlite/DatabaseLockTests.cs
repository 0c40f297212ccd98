using Weft.Runs;
using Weft.Storage.Sqlite;

namespace Weft.Storage.Tests;

/// <summary>One server for a database, also when somebody removes the lock file.</summary>
public sealed class DatabaseLockTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("weft-sqlite-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string LockFile => Path.Combine(_folder, "weft.db.lock");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_lock_file_that_was_removed_is_put_back_and_a_second_server_is_refused()
    {
        await using var first = Open();
        first.TryHoldLock().ShouldBeTrue();
        File.Delete(LockFile);
        var second = Task.Run(Open, Token);

        first.TryHoldLock().ShouldBeTrue();

        File.Exists(LockFile).ShouldBeTrue();
        (await Should.ThrowAsync<DatabaseUnavailableException>(second)).Message.ShouldContain(_folder);
        first.TryHoldLock().ShouldBeTrue();
        await new SqliteProbe(first).CheckAsync(Token);
    }

    [Fact]
    public async Task A_server_that_lost_its_database_to_another_writes_nothing_more()
    {
        await using var first = Open();
        File.Delete(LockFile);
        await using var second = Open();

        first.TryHoldLock().ShouldBeFalse();

        (await Should.ThrowAsync<StorageUnavailableException>(new SqliteProbe(first).CheckAsync(Token))).Fault.ShouldBe(StorageFault.Busy);
        second.TryHoldLock().ShouldBeTrue();
        await new SqliteProbe(second).CheckAsync(Token);
    }

    private SqliteDatabase Open() => SqliteDatabase.Open(new SqliteStorageOptions { Path = Path.Combine(_folder, "weft.db") });
}
