using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace Weft.Host.Tests.Authentication;

/// <summary>API keys of the server, and the commands that manage them.</summary>
public sealed class KeysTests : HostTests
{
    private static readonly string[] Enabled =
        ["--urls", "http://127.0.0.1:0", "--Weft:Auth:ApiKeys:Enabled", "true", "--Weft:Auth:ApiKeys:CacheTime", "00:00:00"];

    [Fact]
    public async Task Keys_are_created_listed_and_revoked_while_the_server_is_running()
    {
        var alice = await CreateAsync("alice", "--permission", "threads:read", "--permission=runs:create", "--expires", "90d");
        await using var server = await RunningHost.StartAsync(Folder, Enabled);
        var bob = await CreateAsync("bob");

        var thread = (await CallAsync(server, ("x-api-key", alice))).Body.GetProperty("thread_id").GetString();
        var path = $"/threads/{thread}";
        (await server.CallAsync(HttpMethod.Get, path, ("Authorization", $"bearer {alice}"))).Status.ShouldBe(HttpStatusCode.OK);
        (await server.CallAsync(HttpMethod.Get, path, ("x-api-key", bob))).Status.ShouldBe(HttpStatusCode.NotFound);

        var list = (await RunAsync("list")).Output;
        list.ShouldContain("threads:read runs:create");
        (list.Contains(alice, StringComparison.Ordinal), list.Contains(alice[22..], StringComparison.Ordinal)).ShouldBe((false, false));
        list.Trim().Split('\n').Select(line => line.Split("  ", StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)[1])
            .ShouldBe(["STATE", "valid", "valid"]);

        (await RunAsync("revoke", alice[5..21])).Error.ShouldContain($" delete keys key_id={alice[5..21]}");
        (await CallAsync(server, ("x-api-key", alice))).Status.ShouldBe(HttpStatusCode.Unauthorized);
        (await CallAsync(server, ("x-api-key", bob))).Status.ShouldBe(HttpStatusCode.OK);
        (await RunAsync("list")).Output.ShouldContain("revoked");
    }

    [Fact]
    public async Task The_key_alone_is_printed_to_standard_output_and_only_its_hash_is_stored()
    {
        var (exitCode, output, error) = await RunAsync("create", "--name", "ci", "--owner", "alice");

        exitCode.ShouldBe(0);
        output.TrimEnd().ShouldMatch("^weft_[0-9a-f]{16}_[A-Za-z0-9_-]{43}$");
        error.ShouldContain("alice");
        error.ShouldMatch($"Weft.Audit\\[1\\]\\s+{Environment.UserName} create keys key_id={output[5..21]} owner=alice");
        error.ShouldNotContain(output.TrimEnd());
        foreach (var file in Directory.EnumerateFiles(Folder))
        {
            File.ReadAllBytes(file).AsSpan().IndexOf("weft_"u8).ShouldBe(-1);
            File.ReadAllBytes(file).AsSpan().IndexOf(Encoding.UTF8.GetBytes(output.TrimEnd()[22..])).ShouldBe(-1);
        }
    }

    [Fact]
    public async Task A_call_without_a_valid_key_is_refused()
    {
        var key = await CreateAsync("alice");
        var other = await CreateAsync("bob");
        await using var server = await RunningHost.StartAsync(Folder, Enabled);

        var none = await CallAsync(server);
        (none.Status, none.Challenge).ShouldBe((HttpStatusCode.Unauthorized, "Bearer"));
        none.Body.GetProperty("detail").GetString().ShouldBe("The request has no credentials that this server accepts.");
        (await CallAsync(server, ("Authorization", "Basic YTpi"))).Challenge.ShouldBe("Bearer");

        (string, string)[] wrong =
        [
            ("x-api-key", "secret"),
            ("x-api-key", "weft_"),
            ("x-api-key", key[..^1]),
            ("x-api-key", key + "A"),
            ("x-api-key", key.ToUpperInvariant()),
            ("x-api-key", key[..22] + other[22..]),
            ("x-api-key", "weft_0000000000000000" + key[21..]),
            ("x-api-key", key.Replace('_', '-')),
            ("x-api-key", $"{key}, {key}"),
            ("x-api-key", key[..60] + "ééééé"),
            ("x-api-key", key + new string('A', 20_000)),
            ("Authorization", $"Bearer {key}A"),
            ("Authorization", $"Bearer {key} {key}"),
        ];
        foreach (var header in wrong)
        {
            var answer = await CallAsync(server, header);
            answer.Status.ShouldBe(HttpStatusCode.Unauthorized, header.ToString());
            answer.Challenge.ShouldBe("Bearer error=\"invalid_token\"");
            answer.Body.GetProperty("detail").GetString().ShouldBe("The credentials are unknown, revoked or expired.");
        }

        // The SDKs find the key of another service in the environment.
        (await CallAsync(server, ("x-api-key", "lsv2_other"), ("Authorization", $"Bearer {key}"))).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Health_and_the_description_of_the_server_are_open_by_any_name()
    {
        await using var server = await RunningHost.StartAsync(Folder, Enabled);

        foreach (var path in (string[])["/ok", "/api/ok", "/info", "/openapi.json", "/metrics", "/health/live", "/health/ready"])
        {
            (await server.CallAsync(HttpMethod.Get, path, ("Host", "agents.example"))).Status.ShouldBe(HttpStatusCode.OK, path);
        }

        foreach (var path in (string[])["/assistants/agent", "/api/threads/t", "/store/items?key=a", "/threads/t/stream"])
        {
            (await server.CallAsync(HttpMethod.Get, path)).Status.ShouldBe(HttpStatusCode.Unauthorized, path);
        }

        (await server.CallAsync(HttpMethod.Get, "/nowhere")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_WebSocket_needs_the_key_in_a_header()
    {
        var key = await CreateAsync("alice");
        await using var server = await RunningHost.StartAsync(Folder, Enabled);
        var address = new UriBuilder(server.Client.BaseAddress!) { Scheme = "ws", Path = $"/threads/{Guid.NewGuid()}/stream/events" }.Uri;

        var withQuery = new UriBuilder(address) { Query = $"x-api-key={key}&token={key}&access_token={key}" }.Uri;
        foreach (var uri in (Uri[])[address, withQuery])
        {
            using var refused = new ClientWebSocket();
            await refused.ConnectAsync(uri, Stop);
            (await refused.ReceiveAsync(new byte[100], Stop)).MessageType.ShouldBe(WebSocketMessageType.Close);
            refused.CloseStatus.ShouldBe((WebSocketCloseStatus)4401);
        }

        using var accepted = new ClientWebSocket();
        accepted.Options.SetRequestHeader("x-api-key", key);
        await accepted.ConnectAsync(address, Stop);
        accepted.State.ShouldBe(WebSocketState.Open);
        accepted.Abort();
    }

    [Theory]
    [InlineData("create --name ci --owner=", "owner: It must have 1 to 200 characters, without control characters.")]
    [InlineData("revoke 0123", "There is no key '0123'; 'keys list' prints the ids.")]
    [InlineData("delete", "Unknown command 'keys delete'. The commands are create, list, revoke.")]
    public async Task A_command_that_is_wrong_prints_one_line(string arguments, string line)
    {
        await CreateAsync("alice");

        var (exitCode, output, error) = await RunAsync(arguments.Split(' '));

        (exitCode, output).ShouldBe((1, ""));
        error.TrimEnd().Split('\n').ShouldHaveSingleItem().ShouldStartWith(line);
    }

    [Fact]
    public async Task A_folder_without_a_database_has_no_keys()
    {
        var (exitCode, _, error) = await HostProcess.RunAsync(Folder, [], "keys", "list", "--data", Path.Combine(Folder, "none"));

        exitCode.ShouldBe(1);
        error.ShouldStartWith($"There is no database '{Path.Combine(Folder, "none", "weft.db")}'");
        Directory.EnumerateFileSystemEntries(Folder).ShouldBeEmpty();
    }

    private static Task<(HttpStatusCode Status, JsonElement Body, string Challenge)> CallAsync(
        RunningHost server, params (string, string)[] headers) => server.CallAsync(HttpMethod.Post, "/threads", headers);

    private async Task<string> CreateAsync(string owner, params string[] arguments)
    {
        var (exitCode, output, error) = await RunAsync(["create", "--name", "test", "--owner", owner, .. arguments]);
        exitCode.ShouldBe(0, error);
        return output.TrimEnd();
    }

    private Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments) =>
        HostProcess.RunAsync(Folder, new() { ["WEFT__DATA"] = Folder }, ["keys", .. arguments]);
}
