using System.Net;
using System.Text.Json;

namespace Weft.Host.Tests.Commands;

public sealed class BackupTests : HostTests
{
    private string Target => Path.Combine(Folder, "kept", "weft.db");

    [Fact]
    public async Task A_copy_of_a_running_server_has_what_it_acknowledged_and_serves()
    {
        string thread;
        await using (var host = await RunningHost.StartAsync(Folder, "--urls", "http://127.0.0.1:0"))
        {
            thread = await SayAsync(host.Client);
            var (code, output, error) = await HostProcess.RunAsync(Folder, [], "backup", Target, "--data", Folder);

            error.ShouldBeEmpty();
            code.ShouldBe(0);
            output.ShouldStartWith($"Copied {Path.Combine(Folder, "weft.db")} to {Target}: ");
            output.TrimEnd().ShouldEndWith(", integrity ok.");
            Directory.GetFiles(Path.GetDirectoryName(Target)!).ShouldBe([Target]);
        }

        await using var restored = await RunningHost.StartAsync(Path.GetDirectoryName(Target)!, "--urls", "http://127.0.0.1:0");
        (await restored.Client.GetStringAsync($"/threads/{thread}/state", Stop)).ShouldContain("391");
    }

    [Fact]
    public async Task A_copy_of_a_stopped_server_is_made_too_and_keeps_who_may_read_it()
    {
        await using (await RunningHost.StartAsync(Folder, "--urls", "http://127.0.0.1:0"))
        {
        }

        var database = Path.Combine(Folder, "weft.db");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(database, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        (await HostProcess.RunAsync(Folder, [], "backup", Target, "--data", Folder)).ExitCode.ShouldBe(0);

        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(Target).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    [Fact]
    public async Task A_file_that_exists_is_kept()
    {
        await using var host = await RunningHost.StartAsync(Folder, "--urls", "http://127.0.0.1:0");
        Directory.CreateDirectory(Path.GetDirectoryName(Target)!);
        await File.WriteAllTextAsync(Target, "mine", Stop);

        var (code, _, error) = await HostProcess.RunAsync(Folder, [], "backup", Target, "--data", Folder);

        code.ShouldBe(1);
        error.Trim().ShouldBe($"The file '{Target}' exists. See --help.");
        (await File.ReadAllTextAsync(Target, Stop)).ShouldBe("mine");
    }

    [Theory]
    [InlineData("There is no database '", "backup", "copy.db", "--data", "nowhere")]
    [InlineData("backup needs the file to write: weft backup <file>.", "backup", "--data", "x")]
    [InlineData("The data is in PostgreSQL. Use pg_dump, as docs/operations.md shows.", "backup", "copy.db", "--postgres", "Host=x")]
    public async Task What_can_not_be_copied_is_refused(string message, params string[] arguments)
    {
        var (code, _, error) = await HostProcess.RunAsync(Folder, [], arguments);

        code.ShouldBe(1);
        error.ShouldStartWith(message);
        Directory.EnumerateFileSystemEntries(Folder).ShouldBeEmpty();
    }

    private static async Task<string> SayAsync(HttpClient client)
    {
        using var created = await client.PostAsync("/threads", new StringContent("{}", null, "application/json"), Stop);
        var thread = JsonElement.Parse(await created.Content.ReadAsStringAsync(Stop)).GetProperty("thread_id").GetString()!;
        using var body = new StringContent("""{"assistant_id":"agent","input":{"messages":"what is 17*23"}}""", null, "application/json");
        using var answer = await client.PostAsync($"/threads/{thread}/runs/wait", body, Stop);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        return thread;
    }
}
