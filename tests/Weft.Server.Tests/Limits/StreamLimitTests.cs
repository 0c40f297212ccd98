using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using static Weft.Server.Tests.Access.AccessServer;

namespace Weft.Server.Tests.Limits;

/// <summary>The number of streams that an actor may have open.</summary>
public sealed class StreamLimitTests
{
    private const string Filter = """{"channels":["lifecycle"]}""";

    [Theory]
    [InlineData("POST", "/threads/{thread}/runs/stream", """{"assistant_id":"echo","input":{}}""")]
    [InlineData("POST", "/api/threads/{thread}/runs/stream", """{"assistant_id":"echo","input":{}}""")]
    [InlineData("POST", "/runs/stream", """{"assistant_id":"echo","input":{}}""")]
    [InlineData("GET", "/threads/{thread}/runs/{run}/stream", null)]
    [InlineData("GET", "/runs/{run}/stream", null)]
    [InlineData("GET", "/threads/{thread}/stream", null)]
    [InlineData("GET", "/weft/events", null)]
    [InlineData("POST", "/threads/{thread}/stream/events", Filter)]
    [InlineData(
        "POST", "/agui/echo", """{"threadId":"{thread}","runId":"r","messages":[{"id":"m","role":"user","content":"x"}],"tools":[]}""")]
    [InlineData("POST", "/v1/chat/completions", """{"model":"echo","messages":[{"role":"user","content":"x"}],"stream":true}""")]
    [InlineData("POST", "/v1/responses", """{"model":"echo","input":"x","stream":true}""")]
    [InlineData("GET", "/v1/responses/{response}?stream=true", null)]
    public async Task A_stream_over_the_limit_is_refused_before_anything_starts(string method, string path, string? body)
    {
        await using var server = await StartAsync(1);
        var api = server.Root;
        var (thread, run) = await RunAsync(api, Ada);
        var response = (await api.PostAsync("/v1/responses", """{"model":"echo","input":"x","background":true}""", Ada)).ShouldBeOk()
            .String("id");
        await api.GetAsync($"/threads/{thread}/runs/{run}/join", Ada);
        string Fill(string text) => text.Replace("{thread}", thread, StringComparison.Ordinal)
            .Replace("{run}", run, StringComparison.Ordinal).Replace("{response}", response, StringComparison.Ordinal);
        var (verb, address, given) = (HttpMethod.Parse(method), Fill(path), body is null ? null : Fill(body));
        var threads = (await api.PostAsync("/threads/count", "{}", Ada)).Text;
        var open = await api.JoinAsync($"/threads/{thread}/stream", Ada);

        var refused = await api.SendAsync(verb, address, given, Ada);

        refused.ShouldBe(HttpStatusCode.TooManyRequests);
        refused.Header("Retry-After").ShouldBe("5");
        refused.Text.ShouldContain("The caller may have at most 1 streams open.");
        (await api.PostAsync("/threads/count", "{}", Ada)).Text.ShouldBe(threads);
        (await api.GetAsync($"/threads/{thread}/runs", Ada)).Json.GetArrayLength().ShouldBe(1);

        open.Dispose();
        await UntilOpenAsync(api, verb, address, given);
    }

    [Fact]
    public async Task Answers_that_are_not_streamed_are_not_counted()
    {
        await using var server = await StartAsync(1);
        var api = server.Root;
        var (thread, run) = await RunAsync(api, Ada);
        using var open = await api.JoinAsync($"/threads/{thread}/stream", Ada);

        (await api.GetAsync($"/threads/{thread}/runs/{run}/join", Ada)).ShouldBeOk();
        (await api.PostAsync("/runs/wait", Bodies.Echo(), Ada)).ShouldBeOk();
        (await api.PostAsync("/v1/responses", """{"model":"echo","input":"x"}""", Ada)).ShouldBeOk();
        (await api.PostAsync("/v1/chat/completions", """{"model":"echo","messages":[{"role":"user","content":"x"}]}""", Ada)).ShouldBeOk();
    }

    [Fact]
    public async Task The_limit_is_exact_and_each_actor_has_its_own()
    {
        await using var server = await StartAsync(3);
        var (ada, bob) = ((await RunAsync(server.Root, Ada)).Thread, (await RunAsync(server.Root, Bob)).Thread);

        var opened = await Task.WhenAll(
            Enumerable.Range(0, 24).Select(i => TryOpenAsync(server.Root, i % 2 == 0 ? ada : bob, i % 2 == 0 ? Ada : Bob)));

        opened.Where((_, i) => i % 2 == 0).Count(static stream => stream is not null).ShouldBe(3);
        opened.Where((_, i) => i % 2 == 1).Count(static stream => stream is not null).ShouldBe(3);
        Array.ForEach(opened, static stream => stream?.Dispose());
        for (var i = 0; i < 3; i++)
        {
            await UntilOpenAsync(server.Root, HttpMethod.Get, $"/threads/{ada}/stream", null);
        }
    }

    [Fact]
    public async Task Anonymous_callers_are_told_apart_by_their_addresses()
    {
        await using var server = await TestServer.StartAsync(
            configure: static options => options.StreamsPerActorMax = 1,
            use: static app => app.Use(static async (http, next) =>
            {
                http.Connection.RemoteIpAddress = IPAddress.Parse(http.Request.Headers["x-address"].ToString());
                await next(http);
            }));
        var api = server.Root;
        var thread = (await api.PostAsync("/threads", null, ("x-address", "10.0.0.1"))).String("thread_id");
        using var one = await api.JoinAsync($"/threads/{thread}/stream", ("x-address", "10.0.0.1"));
        (await api.GetAsync($"/threads/{thread}/stream", ("x-address", "10.0.0.1"))).ShouldBe(HttpStatusCode.TooManyRequests);
        using var other = await api.JoinAsync($"/threads/{thread}/stream", ("x-address", "10.0.0.2"));
    }

    [Fact]
    public async Task A_stream_counts_until_its_run_has_ended_or_the_request_is_cancelled()
    {
        await using var server = await StartAsync(1);
        var api = server.Root;
        var gate = server.Gates.New();
        var (thread, _) = await RunAsync(api, Ada);
        using var stream = await api.StreamAsync($"/threads/{thread}/runs/stream", Bodies.Gated(gate), Ada);
        await gate.EnteredAsync();
        (await api.GetAsync($"/threads/{thread}/stream", Ada)).ShouldBe(HttpStatusCode.TooManyRequests);

        gate.Open();
        await stream.ToEndAsync();
        await UntilOpenAsync(api, HttpMethod.Get, $"/threads/{thread}/stream", null);
        // The request that looked was cancelled, too.
        await UntilOpenAsync(api, HttpMethod.Get, $"/threads/{thread}/stream", null);
    }

    [Fact]
    public async Task Sockets_count_and_one_too_many_is_closed_with_the_status()
    {
        await using var server = await TestServer.StartAsync(configure: static options => options.StreamsPerActorMax = 1);
        var api = server.Root;
        var thread = await api.NewThreadAsync();
        using (var first = await SocketClient.OpenAsync(api, thread))
        {
            (await first.CommandAsync(1, "state.get")).Text("type").ShouldBe("success");
            using var second = await SocketClient.OpenAsync(api, thread);
            (await second.ClosedAsync()).ShouldBe(4429);
            (await api.PostAsync($"/threads/{thread}/stream/events", Filter)).ShouldBe(HttpStatusCode.TooManyRequests);
        }

        // A client that crashes.
        await Waiting.Until(async () => await TryOpenAsync(api, thread) is { } stream && Close(stream), "the socket to be released");
        (await RawSocket.OpenAsync(api, thread)).Dispose();
        await Waiting.Until(async () => await TryOpenAsync(api, thread) is { } stream && Close(stream), "the raw socket to be released");
    }

    [Fact]
    public async Task A_client_that_does_not_read_counts_until_its_connection_breaks()
    {
        await using var server = await TestServer.StartAsync(
            configure: static options =>
            {
                options.StreamsPerActorMax = 1;
                options.HeartbeatInterval = TimeSpan.FromMilliseconds(20);
            });
        var api = server.Root;
        var thread = await api.NewThreadAsync();
        using (var client = new TcpClient { LingerState = new LingerOption(true, 0) })
        {
            await client.ConnectAsync(api.BaseAddress.Host, api.BaseAddress.Port, TestContext.Current.CancellationToken);
            var connection = client.GetStream();
            await connection.WriteAsync(
                Encoding.ASCII.GetBytes($"GET /threads/{thread}/stream HTTP/1.1\r\nHost: {api.BaseAddress.Authority}\r\n\r\n"),
                TestContext.Current.CancellationToken);
            var status = new byte["HTTP/1.1 200".Length];
            await connection.ReadExactlyAsync(status, TestContext.Current.CancellationToken);
            Encoding.ASCII.GetString(status).ShouldBe("HTTP/1.1 200");
            await Task.Delay(200, TestContext.Current.CancellationToken);
            (await api.GetAsync($"/threads/{thread}/stream")).ShouldBe(HttpStatusCode.TooManyRequests);
        }

        await Waiting.Until(async () => await TryOpenAsync(api, thread) is { } stream && Close(stream), "the stream to be released");
    }

    private static Task<TestServer> StartAsync(int max) => TestServer.StartAsync(
        configure: options => options.StreamsPerActorMax = max, add: static weft => HeaderUsers.Add(weft.Services));

    private static async Task<(string Thread, string Run)> RunAsync(Api api, (string, string) user)
    {
        var thread = (await api.PostAsync("/threads", null, user)).ShouldBeOk().String("thread_id");
        var run = (await api.PostAsync($"/threads/{thread}/runs", Bodies.Echo(), user)).ShouldBeOk().RunId;
        await api.GetAsync($"/threads/{thread}/runs/{run}/join", user);
        return (thread, run);
    }

    /// <summary>Opens the stream of a thread; null if it is refused.</summary>
    private static async Task<SseStream?> TryOpenAsync(Api api, string thread, params (string, string)[] user)
    {
        try
        {
            return await api.JoinAsync($"/threads/{thread}/stream", user);
        }
        catch (InvalidOperationException e) when (e.Message.Contains("answered 429", StringComparison.Ordinal))
        {
            return null;
        }
    }

    /// <summary>Opens a stream of Ada as soon as it is not refused, and closes it.</summary>
    private static Task UntilOpenAsync(Api api, HttpMethod method, string path, string? body) => Waiting.Until(
        async () =>
        {
            try
            {
                using var stream = await api.OpenAsync(method, path, body, Ada);
                return true;
            }
            catch (InvalidOperationException e) when (e.Message.Contains("answered 429", StringComparison.Ordinal))
            {
                return false;
            }
        },
        $"{method} {path} to be accepted");

    private static bool Close(SseStream stream)
    {
        stream.Dispose();
        return true;
    }
}
