using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Weft.Storage.Move;
using Weft.Storage.Postgres;
using Weft.Storage.Postgres.Tests;
using Weft.Storage.Sqlite;

namespace Weft.Host.Tests.Migration;

/// <summary>Data moves from a SQLite file into PostgreSQL.</summary>
public sealed class MigrateCommandTests : HostTests
{
    private const string AnyPort = "http://127.0.0.1:0";

    private string File => Path.Combine(Folder, "weft.db");

    [Fact]
    public async Task A_server_on_the_new_database_answers_as_the_one_on_the_file_did()
    {
        var (answers, thread, asked) = await FillAsync();
        var connection = await NewDatabaseAsync();

        var (exitCode, output, error) = await HostProcess.RunAsync(
            Folder, new() { ["WEFT_POSTGRES"] = connection }, "migrate", "--from", File);

        error.ShouldBeEmpty();
        exitCode.ShouldBe(0);
        output.ShouldContain("runs: 4");
        await using var server = await StartOnAsync(connection);
        foreach (var (path, body, answer) in answers)
        {
            (await AskAsync(server, path, body)).ShouldBe(answer, path);
        }

        // What was under way goes on, and keys of new rows follow those that were moved.
        var resumed = await PostAsync(
            server, $"/threads/{asked}/runs/wait", """{"assistant_id":"agent","command":{"resume":{"decisions":[{"type":"approve"}]}}}""");
        resumed.GetProperty("messages").GetArrayLength().ShouldBe(4);
        var again = await PostAsync(server, $"/threads/{thread}/runs/wait", Said("chat", "and again"));
        again.GetProperty("messages").GetArrayLength().ShouldBe(6);
        (await PostAsync(server, "/threads", "{}")).GetProperty("thread_id").GetString().ShouldNotBe(thread);
        (await PostAsync(server, "/assistants", """{"graph_id":"chat","name":"later"}""")).GetProperty("name").GetString().ShouldBe("later");
    }

    [Fact]
    public async Task The_check_connects_and_changes_nothing()
    {
        var connection = await NewDatabaseAsync();

        var (exitCode, output, error) = await HostProcess.RunAsync(Folder, [], "check", "--postgres", connection);

        error.ShouldBeEmpty();
        exitCode.ShouldBe(0);
        output.ShouldContain("server      PostgreSQL ");
        output.ShouldContain("schema      none");
        await FillAsync();
        (await HostProcess.RunAsync(Folder, [], "migrate", "--from", File, "--to", connection)).ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task A_database_with_data_is_refused()
    {
        await FillAsync();
        var connection = await NewDatabaseAsync();
        string[] command = ["migrate", "--from", File, "--to", connection];
        (await HostProcess.RunAsync(Folder, [], command)).ExitCode.ShouldBe(0);

        var (exitCode, _, error) = await HostProcess.RunAsync(Folder, [], command);

        exitCode.ShouldBe(1);
        error.Trim().ShouldBe("The database is not empty. Move the data into an empty database, or another schema.");
        (await HostProcess.RunAsync(Folder, [], [.. command, "--schema", "second"])).ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task A_move_that_was_broken_off_continues_and_no_server_starts_before()
    {
        var (answers, _, _) = await FillAsync();
        var connection = await NewDatabaseAsync();
        using var broken = new CancellationTokenSource();
        await Should.ThrowAsync<OperationCanceledException>(() => MoveAsync(connection, table =>
        {
            if (table == "checkpoints")
            {
                broken.Cancel();
            }
        }, broken.Token));

        var (exitCode, _, error) = await HostProcess.RunAsync(Folder, [], "--postgres", connection, "--urls", AnyPort);
        exitCode.ShouldBe(1);
        error.ShouldContain("is not finished. Repeat the command 'migrate', which continues it.");

        var moved = new List<string>();
        await MoveAsync(connection, moved.Add, Stop);

        moved.ShouldContain("threads");
        await using var server = await StartOnAsync(connection);
        foreach (var (path, body, answer) in answers)
        {
            (await AskAsync(server, path, body)).ShouldBe(answer, path);
        }
    }

    [Fact]
    public async Task A_file_that_was_used_since_the_move_began_is_noticed()
    {
        var (_, thread, _) = await FillAsync();
        var connection = await NewDatabaseAsync();
        using var broken = new CancellationTokenSource();
        await Should.ThrowAsync<OperationCanceledException>(() => MoveAsync(connection, table =>
        {
            if (table == "runs")
            {
                broken.Cancel();
            }
        }, broken.Token));
        await using (var server = await RunningHost.StartAsync(Folder, "--urls", AnyPort))
        {
            await PostAsync(server, $"/threads/{thread}/runs/wait", Said("chat", "meanwhile"));
        }

        var (exitCode, _, error) = await HostProcess.RunAsync(Folder, [], "migrate", "--from", File, "--to", connection);

        exitCode.ShouldBe(1);
        error.ShouldContain("is not as in the file. If the file was used since the move began, drop the schema and move again.");
    }

    [Fact]
    public async Task An_item_that_is_too_long_for_PostgreSQL_is_named()
    {
        var key = "k" + string.Concat(Enumerable.Range(0, 200).Select(_ => Guid.NewGuid().ToString("N")));
        await using (var server = await RunningHost.StartAsync(Folder, "--urls", AnyPort))
        {
            foreach (var name in (string[])["short", key])
            {
                using var put = await server.Client.PutAsync(
                    "/store/items",
                    new StringContent($$$"""{"namespace":["a"],"key":"{{{name}}}","value":{}}""", Encoding.UTF8, "application/json"),
                    Stop);
                put.IsSuccessStatusCode.ShouldBeTrue(await put.Content.ReadAsStringAsync(Stop));
            }
        }

        var (exitCode, _, error) = await HostProcess.RunAsync(
            Folder, [], "migrate", "--from", File, "--to", await NewDatabaseAsync());

        exitCode.ShouldBe(1);
        error.Trim().ShouldBe(
            $"PostgreSQL can't store the row of the table items with the key 2: its key has {key.Length} characters, and begins with "
                + $"'{key[..60]}'. Remove it with a server on the file, then repeat the command.");
    }

    [Fact]
    public async Task A_file_that_a_server_uses_is_refused()
    {
        await using var server = await RunningHost.StartAsync(Folder, "--urls", AnyPort);

        var (exitCode, _, error) = await HostProcess.RunAsync(
            Folder, [], "migrate", "--from", File, "--to", await NewDatabaseAsync());

        exitCode.ShouldBe(1);
        error.Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldHaveSingleItem().ShouldContain($"Another server uses the data in '{Folder}'");
    }

    [Theory]
    [InlineData("migrate needs --from and --to.", "--from", "x.db")]
    [InlineData("There is no file 'x.db'.", "--from", "x.db", "--to", "Host=db")]
    [InlineData("Unknown option '--source'. The options are --from, --to, --schema.", "--source", "x.db")]
    [InlineData("--to needs a value.", "--to")]
    public async Task Wrong_arguments_are_named(string message, params string[] arguments)
    {
        var (exitCode, _, error) = await HostProcess.RunAsync(Folder, [], ["migrate", .. arguments]);

        exitCode.ShouldBe(1);
        error.Trim().ShouldBe($"{message} See --help.");
    }

    private static async Task<string> NewDatabaseAsync()
    {
        var server = await PostgresServer.CommonAsync();
        var name = $"moved_{Guid.NewGuid():n}";
        await server.ExecuteAsync("postgres", $"CREATE DATABASE {name}");
        return server.ConnectionTo(name);
    }

    private static string Said(string assistant, string text) =>
        $$"""{"assistant_id":"{{assistant}}","input":{"messages":[{"role":"user","content":"{{text}}"}]},"stream_resumable":true}""";

    private static async Task<JsonElement> PostAsync(RunningHost server, string path, string body)
    {
        using var response = await server.Client.PostAsync(path, new StringContent(body, Encoding.UTF8, "application/json"), Stop);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync(Stop));
        return await response.Content.ReadFromJsonAsync<JsonElement>(Stop);
    }

    private static async Task<string> AskAsync(RunningHost server, string path, string? body)
    {
        using var response = body is null
            ? await server.Client.GetAsync(path, Stop)
            : await server.Client.PostAsync(path, new StringContent(body, Encoding.UTF8, "application/json"), Stop);
        return $"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync(Stop)}";
    }

    private Task<RunningHost> StartOnAsync(string connection) =>
        RunningHost.StartWithoutFolderAsync(Folder, "--postgres", connection, "--urls", AnyPort);

    private async Task MoveAsync(string connection, Action<string> moved, CancellationToken cancellationToken)
    {
        await using var source = SqliteDatabase.Open(new SqliteStorageOptions { Path = File });
        await using var target = await OpenDatabase.OpenAsync(
            new PostgresStorageOptions { ConnectionString = connection }, DatabaseUse.Alone, TimeProvider.System, Stop, isMove: true);
        await new DatabaseMove(source, File, target, (table, _) => moved(table)).RunAsync(cancellationToken);
    }

    /// <summary>
    /// Lets a server on the file have data of every kind. Returns what it answers, a thread with a conversation, and one on which an
    /// agent has asked.
    /// </summary>
    private async Task<((string Path, string? Body, string Answer)[] Answers, string Thread, string Asked)> FillAsync()
    {
        await using var server = await RunningHost.StartAsync(Folder, "--urls", AnyPort);
        var assistant = (await PostAsync(server, "/assistants", """{"graph_id":"chat","name":"ours","metadata":{"a":1}}"""))
            .GetProperty("assistant_id").GetString();
        var thread = (await PostAsync(server, "/threads", """{"metadata":{"tenant":"å","n":[1,{"x":1.50}]}}""")).GetProperty("thread_id").GetString()!;
        await PostAsync(server, $"/threads/{thread}/runs/wait", Said("chat", "hello"));
        await PostAsync(server, $"/threads/{thread}/runs/wait", Said("chat", "more"));
        var (_, run) = await LastRunAsync(server, thread);
        await PostAsync(server, $"/api/threads/{thread}/runs/{run}/feedback", """{"rating":1,"comment":"fine"}""");
        var asked = (await PostAsync(server, "/threads", "{}")).GetProperty("thread_id").GetString()!;
        await PostAsync(server, $"/threads/{asked}/runs/wait", Said("agent", "email bob@example.org: hello"));
        await PostAsync(server, $"/threads/{asked}/copy", "{}");
        await PostAsync(server, "/runs/wait", Said("chat", "nobody's"));
        using var put = await server.Client.PutAsync(
            "/store/items", new StringContent("""{"namespace":["a","b"],"key":"k","value":{"n":1.50,"t":"å"}}""", Encoding.UTF8, "application/json"), Stop);
        put.IsSuccessStatusCode.ShouldBeTrue();
        await PostAsync(server, "/runs/crons", $$"""{"assistant_id":"{{assistant}}","input":{"messages":[]},"schedule":"0 0 1 1 *"}""");

        (string Path, string? Body)[] questions =
        [
            ($"/threads/{thread}", null), ($"/threads/{thread}/state", null), ($"/threads/{thread}/history", null),
            ($"/threads/{thread}/runs", null), ($"/threads/{thread}/runs/{run}/stream?last_event_id=-1", null),
            ($"/api/threads/{thread}/runs/{run}/feedback", null), ($"/api/threads/{thread}/messages", null),
            ($"/threads/{asked}/state", null), ($"/threads/{asked}/history", null), ($"/assistants/{assistant}", null),
            ("/threads/search", """{"metadata":{"n":[1,{"x":1.5}]}}"""), ("/threads/count", "{}"), ("/assistants/search", """{"metadata":{"a":1}}"""),
            ("/runs/crons/search", "{}"), ("/store/items?namespace=a.b&key=k", null), ("/store/items/search", """{"namespace_prefix":[]}"""),
        ];
        var answers = new List<(string, string?, string)>();
        foreach (var (path, body) in questions)
        {
            answers.Add((path, body, await AskAsync(server, path, body)));
        }

        return ([.. answers], thread, asked);
    }

    private static async Task<(string Thread, string Run)> LastRunAsync(RunningHost server, string thread)
    {
        var runs = await server.Client.GetFromJsonAsync<JsonElement>($"/threads/{thread}/runs", Stop);
        return (thread, runs[0].GetProperty("run_id").GetString()!);
    }
}
