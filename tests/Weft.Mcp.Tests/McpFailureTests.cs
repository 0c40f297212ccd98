using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Weft.Server.Tests;
using static Weft.Mcp.Tests.Toolsets;

namespace Weft.Mcp.Tests;

/// <summary>Servers that end, hang, and answer nonsense.</summary>
public sealed class McpFailureTests
{
    [Fact]
    public async Task A_program_that_ends_in_a_call_is_an_error_and_starts_again_at_the_next()
    {
        await using var tools = await ConnectAsync(McpHost.Stdio());
        var before = await tools.CallAsync("process");

        var died = await Should.ThrowAsync<McpServerException>(async () => await tools.CallAsync("die"));

        died.Message.ShouldContain("'test'");
        (await tools.CallAsync("process")).ShouldNotBe(before);
        (await tools.CallAsync("echo", ("text", "again"))).ShouldBe("again");
    }

    [Fact]
    public async Task Many_calls_after_an_end_start_the_program_once()
    {
        await using var tools = await ConnectAsync(McpHost.Stdio());
        await Should.ThrowAsync<McpServerException>(async () => await tools.CallAsync("die"));

        var processes = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => tools.CallAsync("process")));

        processes.Distinct().Count().ShouldBe(1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_server_that_was_started_again_is_connected_to_again(bool hasSessions)
    {
        var host = await McpHost.StartAsync(hasSessions);
        await using var tools = await ConnectAsync(new McpConnectionOptions { Url = host.Url });
        (await tools.CallAsync("echo", ("text", "one"))).ShouldBe("one");
        host.Dispose();
        await Should.ThrowAsync<McpServerException>(async () => await tools.CallAsync("echo", ("text", "two")));

        using var next = await McpHost.StartAsync(hasSessions, host.Url.Port);

        (await tools.CallAsync("echo", ("text", "three"))).ShouldBe("three");
    }

    [Fact]
    public async Task A_session_that_the_server_has_forgotten_is_opened_again_without_an_error()
    {
        var host = await McpHost.StartAsync(hasSessions: true);
        await using var tools = await ConnectAsync(new McpConnectionOptions { Url = host.Url });
        host.Dispose();
        using var next = await McpHost.StartAsync(hasSessions: true, host.Url.Port);

        (await tools.CallAsync("echo", ("text", "hi"))).ShouldBe("hi");
    }

    [Fact]
    public async Task A_call_that_takes_too_long_is_cancelled_and_others_go_on()
    {
        var file = Path.GetTempFileName();
        await using var tools = await ConnectAsync(McpHost.Stdio(configure: options => options.CallTimeout = TimeSpan.FromSeconds(5)));
        var process = await tools.CallAsync("process");

        var late = await Should.ThrowAsync<McpServerException>(async () => await tools.CallAsync("hang", ("file", file)));

        late.Message.ShouldContain("did not answer within 5 seconds");
        await UntilAsync(file, "cancelled");
        (await tools.CallAsync("process")).ShouldBe(process);
        File.Delete(file);
    }

    [Fact]
    public async Task A_program_that_hangs_is_started_again()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no signal that stops a process.");
        await using var tools = await ConnectAsync(McpHost.Stdio(configure: options => options.CallTimeout = TimeSpan.FromSeconds(5)));
        var process = await tools.CallAsync("process");

        await Should.ThrowAsync<McpServerException>(async () => await tools.CallAsync("freeze"));

        (await tools.CallAsync("process")).ShouldNotBe(process);
    }

    [Fact]
    public async Task Cancellation_reaches_the_tool()
    {
        var file = Path.GetTempFileName();
        await using var tools = await ConnectAsync(McpHost.Stdio());
        using var leave = new CancellationTokenSource();
        var call = tools.Find("hang").InvokeAsync(new AIFunctionArguments { ["file"] = file }, leave.Token).AsTask();
        await UntilAsync(file, "began");

        await leave.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(call);
        await UntilAsync(file, "cancelled");
        File.Delete(file);
    }

    [Fact]
    public async Task A_server_that_answers_nonsense_can_not_be_connected_to()
    {
        var garbage = McpHost.Stdio("garbage", options => options.ConnectTimeout = TimeSpan.FromSeconds(2));

        (await Should.ThrowAsync<McpServerException>(() => ConnectAsync(garbage))).Message.ShouldContain("'test'");
        garbage.Optional = true;
        await using var tools = await ConnectAsync(garbage);
        tools.Tools.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(200, "application/json", "not json")]
    [InlineData(200, "text/event-stream", "data: {\n\n")]
    [InlineData(200, "text/html", "<html>")]
    [InlineData(500, "text/plain", "oops")]
    [InlineData(302, "text/plain", "")]
    public async Task A_server_of_http_that_answers_nonsense_is_an_error(int status, string type, string body)
    {
        await using var app = await ServeAsync(async http =>
        {
            http.Response.StatusCode = status;
            http.Response.ContentType = type;
            http.Response.Headers.Location = "http://127.0.0.1:1/";
            await http.Response.WriteAsync(body);
        });
        var options = new McpConnectionOptions { Url = new Uri(app.Urls.Single()), ConnectTimeout = TimeSpan.FromSeconds(5) };

        (await Should.ThrowAsync<McpServerException>(() => ConnectAsync(options))).Message.ShouldContain("'test'");
    }

    [Fact]
    public async Task A_server_that_accepts_and_says_nothing_does_not_hold_the_start()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var url = new Uri($"http://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}/mcp");

        var error = await Should.ThrowAsync<McpServerException>(
            () => ConnectAsync(new McpConnectionOptions { Url = url, ConnectTimeout = TimeSpan.FromSeconds(1) }));

        error.Message.ShouldContain("did not answer within 1 seconds");
    }

    private static async Task<WebApplication> ServeAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(answer);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }

    private static Task UntilAsync(string file, string text) => Waiting.Until(
        async () =>
        {
            try
            {
                return await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken) == text;
            }
            catch (IOException)
            {
                // The other process writes it.
                return false;
            }
        },
        $"the tool to have {text}");
}
