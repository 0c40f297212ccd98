using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Weft.Runs;
using Weft.Storage.Sqlite;

namespace Weft.Storage.Tests;

public sealed class SqliteDatabaseTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("weft-sqlite-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string File => Path.Combine(_folder, "new", "weft.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Of_several_who_open_a_new_file_at_once_one_has_it()
    {
        var opening = Enumerable.Range(0, 8).Select(_ => Task.Run(Open, Token)).ToList();
        await Task.WhenAll(opening).ContinueWith(_ => { }, Token, TaskContinuationOptions.None, TaskScheduler.Default);

        var database = await opening.Single(task => task.IsCompletedSuccessfully);

        foreach (var refused in opening.Where(task => task.IsFaulted))
        {
            (await Should.ThrowAsync<InvalidOperationException>(refused)).Message.ShouldContain(Path.GetDirectoryName(File)!);
        }

        (await new SqliteThreadStore(database).TryCreateAsync(NewThread("t"), Token)).ShouldBeTrue();
        await database.DisposeAsync();
        await Open().DisposeAsync();
    }

    [Fact]
    public async Task Closing_leaves_everything_in_the_file()
    {
        await using (var database = Open())
        {
            await new SqliteThreadStore(database).TryCreateAsync(NewThread("t"), Token);
        }

        Directory.GetFiles(Path.GetDirectoryName(File)!).ShouldBe([File, File + ".lock"], ignoreOrder: true);
        await using var reopened = Open();
        (await new SqliteThreadStore(reopened).FindAsync(Actor.Anonymous, new ThreadId("t"), Token)).ShouldNotBeNull();
    }

    [Fact]
    public async Task Pages_of_what_was_removed_are_given_back_also_of_a_file_that_could_not()
    {
        await Open().DisposeAsync();
        Execute("PRAGMA journal_mode = DELETE; PRAGMA auto_vacuum = NONE; VACUUM");

        await using (var database = Open())
        {
            await database.WriteAsync(
                connection =>
                {
                    connection.ExecuteScript(
                        "CREATE TABLE large (data BLOB); INSERT INTO large VALUES (zeroblob(5000000)); DROP TABLE large");
                    return true;
                },
                Token);
            var space = new SqliteSpace(database);
            var steps = 0;
            while (await space.TryReleaseAsync(Token))
            {
                steps++;
            }

            steps.ShouldBeInRange(3, 10);
        }

        new FileInfo(File).Length.ShouldBeLessThan(500_000);
    }

    [Fact]
    public async Task A_file_of_a_newer_version_is_refused()
    {
        await Open().DisposeAsync();
        Execute("INSERT INTO schema_version (version) VALUES (9999)");

        Should.Throw<InvalidOperationException>(Open).Message.ShouldContain("schema version 9999");
    }

    [Fact]
    public async Task A_file_of_a_newer_version_that_suits_this_one_is_used_and_not_changed()
    {
        await Open().DisposeAsync();
        Execute("INSERT INTO schema_version (version, oldest) SELECT max(version) + 1, max(version) FROM schema_version");

        await using (var database = Open())
        {
            (await new SqliteThreadStore(database).TryCreateAsync(NewThread("t"), Token)).ShouldBeTrue();
        }

        Execute("INSERT INTO schema_version (version, oldest) SELECT max(version) + 1, max(version) FROM schema_version");
        Should.Throw<DatabaseUnavailableException>(Open).Message.ShouldContain("A newer version has used it");
    }

    [Fact]
    public async Task A_file_of_an_earlier_version_keeps_what_it_has()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File)!);
        Execute("CREATE TABLE schema_version (version INTEGER PRIMARY KEY) STRICT");
        for (var version = 1; version <= 5; version++)
        {
            Execute($"{Script(version)}; INSERT INTO schema_version (version) VALUES ({version})");
        }

        var (parent, child) =
            (CheckpointId.Parse("1f000000-0000-6000-8000-00000000000a"), CheckpointId.Parse("1f000000-0000-6000-8000-00000000000b"));
        var run = RunId.New(TimeProvider.System);
        Execute($$"""
            INSERT INTO threads (thread_id, owner, status, created_at, updated_at, metadata, config, interrupts) VALUES ('old', '', 'idle', 1, 1, '{"a":1}', '{}', '{}');
            INSERT INTO runs (run_id, thread_id, owner, assistant_id, status, attempt, multitask_strategy, created_at, updated_at, metadata, kwargs, released, cancel_action)
            VALUES (x'{{run.Value:N}}', 'old', '', zeroblob(16), 'running', 2, 'enqueue', 1, 2, '{"a":1}', cast('{"input":1}' AS BLOB), 1, 'rollback');
            INSERT INTO checkpoints (thread_id, ns, checkpoint_id, ordinal, source, created_at, metadata, body)
            VALUES ('old', '', '{{parent}}', 1, 'input', 1, '{"source":"input","step":-1,"parents":{},"thread_id":"old"}', x'01');
            INSERT INTO checkpoints (thread_id, ns, checkpoint_id, ordinal, parent_id, run_id, source, created_at, metadata, body)
            VALUES ('old', '', '{{child}}', 2, '{{parent}}', x'{{run.Value:N}}', 'loop', 2, '{"source":"loop","step":0,"parents":{},"thread_id":"old"}', x'02');
            INSERT INTO task_outcomes (thread_id, ns, checkpoint_id, task_id, body) VALUES ('old', '', '{{child}}', 'task', x'03');
            INSERT INTO run_events (thread_id, seq, run_id, category, type, created_at, metadata, content) VALUES ('old', 7, x'{{run.Value:N}}', 'message', 'ai', 3, '{}', x'04');
            INSERT INTO run_events (thread_id, seq, run_id, category, type, created_at, metadata, content)
            VALUES ('old', 8, x'{{run.Value:N}}', 'lifecycle', 'run.ended', 4, '{}', x'05');
            """);

        await using var database = Open();
        var (checkpoints, threadId) = (new SqliteCheckpointStore(database), new ThreadId("old"));
        var page = await checkpoints.ReadAsync(threadId, "", new CheckpointRange { Limit = 9 }, Token);
        var kept = page.Entries.Select(entry => entry.Checkpoint).ToList();

        kept.Select(checkpoint => (checkpoint.CheckpointId, checkpoint.ParentId, checkpoint.Ordinal, checkpoint.RunId, checkpoint.Body.Span[0])).ShouldBe(
            [(child, parent, 2, run, (byte)2), (parent, null, 1, null, (byte)1)]);
        kept.Select(checkpoint => checkpoint.Metadata).ShouldBe(
            ["""{"source":"loop","step":0,"parents":{},"thread_id":"old"}""", """{"source":"input","step":-1,"parents":{},"thread_id":"old"}"""]);
        page.Entries[0].Outcomes.ShouldHaveSingleItem().Body.Span[0].ShouldBe((byte)3);
        var unfinished = (await new SqliteRunStore(database).SearchUnfinishedAsync(Actor.Anonymous, null, null, 9, Token))
            .ShouldHaveSingleItem();
        (unfinished.RunId, unfinished.ThreadId, unfinished.Status, unfinished.Attempt, unfinished.MultitaskStrategy, unfinished.Metadata, unfinished.CancelRequest?.Action).ShouldBe(
            (run, threadId, RunStatus.Running, 2, MultitaskStrategy.Enqueue, """{"a":1}""", CancelAction.Rollback));
        unfinished.StartOrder.ShouldBe(1);
        (await new SqliteThreadStore(database).FindAsync(Actor.Anonymous, threadId, Token))!.Version.ShouldBe(0);
        (await new SqliteThreadStore(database).SearchAsync(Actor.Anonymous, new ThreadQuery { Metadata = """{"a":1}""" }, Token))
            .Items.ShouldHaveSingleItem().ThreadId.ShouldBe(threadId);
        System.Text.Encoding.UTF8.GetString(unfinished.Kwargs.Span).ShouldBe("""{"input":1}""");
        var entry = (await new SqliteMessageStore(database).ListByRunAsync(threadId, run, 9, null, null, Token))
            .ShouldHaveSingleItem();
        (entry.Seq, entry.Content.Span[0]).ShouldBe((7, (byte)4));
    }

    [Fact]
    public async Task A_migration_of_data_is_logged_when_it_begins_and_when_it_has_ended()
    {
        var log = new RecordedLines();
        await SqliteDatabase.Open(new SqliteStorageOptions { Path = File }, log).DisposeAsync();
        log.Lines.ShouldBeEmpty("A new file has nothing to migrate.");
        System.IO.File.Delete(File);
        Execute("CREATE TABLE schema_version (version INTEGER PRIMARY KEY) STRICT");
        for (var version = 1; version <= 19; version++)
        {
            Execute($"{Script(version)}; INSERT INTO schema_version (version) VALUES ({version})");
        }

        await SqliteDatabase.Open(new SqliteStorageOptions { Path = File }, log).DisposeAsync();

        log.Lines.Count.ShouldBe(2);
        log.Lines[0].ShouldMatch(@"Migrating the database '.*' \(\d+ bytes\) from schema version 19 to \d+\.");
        log.Lines[1].ShouldMatch(@"Migrated the database '.*' to schema version \d+ in 00:00:.*");
        await SqliteDatabase.Open(new SqliteStorageOptions { Path = File }, log).DisposeAsync();
        log.Lines.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Events_that_earlier_versions_stored_one_by_one_become_blocks()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File)!);
        Execute("CREATE TABLE schema_version (version INTEGER PRIMARY KEY) STRICT");
        for (var version = 1; version <= 19; version++)
        {
            Execute($"{Script(version)}; INSERT INTO schema_version (version) VALUES ({version})");
        }

        var run = RunId.New(TimeProvider.System);
        Execute($$"""
            INSERT INTO threads (thread_key, thread_id, owner, status, created_at, updated_at, metadata, config, interrupts)
            VALUES (4, 'old', '', 'idle', 1, 1, '{}', '{}', '{}');
            INSERT INTO runs (run_id, thread_key, owner, assistant_id, status, attempt, multitask_strategy, created_at, updated_at, metadata, kwargs, released, begun)
            VALUES (x'{{run.Value:N}}', 4, '', zeroblob(16), 'success', 1, 'enqueue', 1, 2, '{}', x'7b7d', 0, 3);
            INSERT INTO thread_events (thread_key, seq, run_id, event, format, base, created_at, data)
            VALUES (4, (3 << 33) + 0, x'{{run.Value:N}}', 'messages|a:1', NULL, NULL, 10, x'00ff0a00'),
                (4, (3 << 33) + 7, x'{{run.Value:N}}', 'values', 2, '1f0c', 20, x'c3280a0a');
            """);

        await using var database = Open();
        var read = await new SqliteStreamEventStore(database).ReadAsync(new RunKey(new ThreadId("old"), run), -1, 9, Token);
        read.Select(block => (block.FirstSeq, block.LastSeq, block.Format)).ShouldBe([(0, 0, 1), (7, 7, 2)]);
        read[0].Data.ToArray().ShouldBe([.. "messages|a:1\n\n"u8, 0, 0xff, 0x0a, 0]);
        read[1].Data.ToArray().ShouldBe([.. "values\n1f0c\n"u8, 0xc3, 0x28, 0x0a, 0x0a]);
    }

    [Fact]
    public void A_file_of_something_else_is_refused_and_left_alone()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File)!);
        Execute("CREATE TABLE recipes (name TEXT)");

        Should.Throw<InvalidOperationException>(Open).Message.ShouldContain("not Weft's");
        Execute("DROP TABLE recipes");
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_refused_and_left_alone()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File)!);
        var text = new string('x', 5000);
        await System.IO.File.WriteAllTextAsync(File, text, Token);

        Should.Throw<InvalidOperationException>(Open).Message.ShouldContain(File);
        (await System.IO.File.ReadAllTextAsync(File, Token)).ShouldBe(text);
    }

    [Fact]
    public void A_path_that_can_be_no_file_is_refused()
    {
        Should.Throw<InvalidOperationException>(() => SqliteDatabase.Open(new SqliteStorageOptions { Path = _folder }))
            .Message.ShouldContain(_folder);
        System.IO.File.WriteAllText(Path.Combine(_folder, "file"), "");
        Should.Throw<InvalidOperationException>(
            () => SqliteDatabase.Open(new SqliteStorageOptions { Path = Path.Combine(_folder, "file", "weft.db") }));
    }

    [Theory]
    [InlineData("")]
    [InlineData(":memory:")]
    public async Task Options_that_name_no_file_are_refused(string path)
    {
        await using var services = new ServiceCollection().AddWeftSqlite(options => options.Path = path).BuildServiceProvider();

        Should.Throw<OptionsValidationException>(services.GetRequiredService<IRunStore>);
    }

    [Fact]
    public async Task Writes_wait_their_turn_when_the_queue_is_full()
    {
        await using var database = SqliteDatabase.Open(new SqliteStorageOptions { Path = File, QueuedWritesMax = 1 });
        using var gate = new ManualResetEventSlim();
        var order = new List<int>();
        var first = database.WriteAsync(_ => gate.Wait(TimeSpan.FromSeconds(30)), Token);

        var writes = Enumerable.Range(0, 50).Select(i => database.WriteAsync(
            _ =>
            {
                order.Add(i);
                return true;
            },
            Token)).ToList();
        gate.Set();
        (await first).ShouldBeTrue();
        await Task.WhenAll(writes);

        order.ShouldBe(Enumerable.Range(0, 50));
    }

    [Fact]
    public async Task A_change_that_throws_leaves_no_trace_and_no_other_change_behind()
    {
        await using var database = Open();
        var threads = new SqliteThreadStore(database);
        using var gate = new ManualResetEventSlim();
        var blocked = database.WriteAsync(_ => gate.Wait(TimeSpan.FromSeconds(30)), Token);

        var before = threads.TryCreateAsync(NewThread("before"), Token);
        var failing = database.WriteAsync<bool>(
            connection =>
            {
                ThreadRows.TryAdd(connection, NewThread("failing")).ShouldBeTrue();
                throw new InvalidDataException("no");
            },
            Token);
        var after = threads.TryCreateAsync(NewThread("after"), Token);
        gate.Set();

        (await blocked).ShouldBeTrue();
        (await Should.ThrowAsync<InvalidDataException>(failing)).Message.ShouldBe("no");
        (await before).ShouldBeTrue();
        (await after).ShouldBeTrue();
        var found = await threads.SearchAsync(Actor.Anonymous, new ThreadQuery { SortBy = ThreadSort.ThreadId }, Token);
        found.Items.Select(thread => thread.ThreadId.Value).ShouldBe(["before", "after"]);
        found.Total.ShouldBe(2);
    }

    [Fact]
    public async Task What_waits_is_committed_before_the_file_closes_and_nothing_after()
    {
        var database = Open();
        var threads = new SqliteThreadStore(database);
        var writes = Enumerable.Range(0, 1000).Select(i => threads.TryCreateAsync(NewThread($"t{i}"), Token)).ToList();
        await database.DisposeAsync();

        (await Task.WhenAll(writes)).ShouldAllBe(isAdded => isAdded);
        await Should.ThrowAsync<ObjectDisposedException>(threads.TryCreateAsync(NewThread("late"), Token));
        await Should.ThrowAsync<ObjectDisposedException>(threads.FindAsync(Actor.Anonymous, new ThreadId("t1"), Token));
        await database.DisposeAsync();
    }

    [Fact]
    public async Task Readers_go_on_while_the_writer_is_in_a_transaction()
    {
        await using var database = Open();
        var threads = new SqliteThreadStore(database);
        await threads.TryCreateAsync(NewThread("old"), Token);
        using var isWritten = new SemaphoreSlim(0);
        using var gate = new ManualResetEventSlim();
        var write = database.WriteAsync(
            connection =>
            {
                ThreadRows.TryAdd(connection, NewThread("new"));
                isWritten.Release();
                return gate.Wait(TimeSpan.FromSeconds(30));
            },
            Token);
        await isWritten.WaitAsync(Token);

        (await threads.FindAsync(Actor.Anonymous, new ThreadId("new"), Token)).ShouldBeNull();
        (await threads.FindAsync(Actor.Anonymous, new ThreadId("old"), Token)).ShouldNotBeNull();
        gate.Set();
        (await write).ShouldBeTrue();
        (await threads.FindAsync(Actor.Anonymous, new ThreadId("new"), Token)).ShouldNotBeNull();
    }

    private static ThreadRecord NewThread(string id) => new()
    {
        ThreadId = new ThreadId(id),
        Owner = Actor.Anonymous.Id,
        CreatedAt = DateTimeOffset.UnixEpoch,
        UpdatedAt = DateTimeOffset.UnixEpoch,
    };

    private static string Script(int version)
    {
        var assembly = typeof(SqliteDatabase).Assembly;
        using var reader = new StreamReader(
            assembly.GetManifestResourceStream(assembly.GetManifestResourceNames().Single(name => name.Contains($".{version:0000}_")))!);
        return reader.ReadToEnd();
    }

    private SqliteDatabase Open() => SqliteDatabase.Open(new SqliteStorageOptions { Path = File });

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private sealed class RecordedLines : ILogger
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add(formatter(state, exception));
    }
}
