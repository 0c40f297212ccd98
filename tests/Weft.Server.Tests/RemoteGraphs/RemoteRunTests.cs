using System.Net;
using Microsoft.AspNetCore.Builder;
using Weft.Graphs;
using Weft.RemoteGraphs;

namespace Weft.Server.Tests.RemoteGraphs;

/// <summary>A graph of one server as a node of a graph of another server: input, output, stream and errors.</summary>
public sealed class RemoteRunTests
{
    private const string AllModes = ""","stream_mode":["values","updates","messages-tuple","custom"],"stream_subgraphs":true """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_remote_graph_gets_the_state_and_remembers_the_conversation()
    {
        await using var remote = await TestServer.StartAsync();
        await using var server = await Callers.StartAsync(remote.Root.BaseAddress, "echo");
        var thread = await server.Root.NewThreadAsync();

        await server.Root.PostAsync($"/threads/{thread}/runs/wait", Callers.Say("hi"));
        var state = (await server.Root.PostAsync($"/threads/{thread}/runs/wait", Callers.Say("again"))).ShouldBeOk().Json;

        state.Texts().ShouldBe(["hi", "echo: hi", "again", "echo: again"]);
        (await remote.RunsAsync()).ShouldBe(["success", "success"]);
        await server.Root.PostAsync("/runs/wait", Callers.Say("elsewhere"));
        (await remote.Root.PostAsync("/threads/count", "{}")).Text.ShouldBe("2");
    }

    [Fact]
    public async Task The_stream_of_a_remote_graph_is_part_of_the_stream_of_the_run()
    {
        await using var remote = await TestServer.StartAsync();
        await using var server = await Callers.StartAsync(remote.Root.BaseAddress, "gated");
        var gate = remote.Gates.New();
        gate.Open();

        using var stream = await server.Root.StreamAsync("/runs/stream", Callers.Body($$"""{"gate":"{{gate.Name}}"}""", AllModes));
        var frames = await stream.ToEndAsync();

        var inside = frames.Where(frame => frame.Event.Contains('|')).ToList();
        var name = inside.Select(frame => frame.Event.Split('|', 2)[1]).Distinct().ShouldHaveSingleItem();
        name.ShouldStartWith("call:");
        inside.Single(frame => frame.Event.StartsWith("custom", StringComparison.Ordinal)).Data.ShouldBe("\"at the gate\"");
        inside.Where(frame => frame.Event.StartsWith("updates", StringComparison.Ordinal))
            .Select(frame => frame.Json.EnumerateObject().First().Name)
            .ShouldBe(["begin", "speak"]);
        inside.Count(frame => frame.Event.StartsWith("values", StringComparison.Ordinal)).ShouldBeGreaterThan(1);
        var pieces = frames.Where(frame => frame.Event.StartsWith("messages", StringComparison.Ordinal)).ToList();
        pieces.Select(piece => piece.Json[0].Text("content")).ShouldBe(["begun", "one", " two"]);
        pieces.ShouldAllBe(piece => piece.Event.EndsWith(name));
        pieces[^1].Json[1].Text("langgraph_checkpoint_ns").ShouldStartWith(name + "|speak:");
        frames.Last(frame => frame.Event == "values").Json.Texts().ShouldBe(["begun", "one two"]);
    }

    [Fact]
    public async Task What_remote_nodes_write_is_streamed_also_without_subgraphs()
    {
        await using var remote = await TestServer.StartAsync();
        await using var server = await Callers.StartAsync(remote.Root.BaseAddress, "gated");
        var gate = remote.Gates.New();
        gate.Open();

        using var stream = await server.Root.StreamAsync(
            "/runs/stream", Callers.Body($$"""{"gate":"{{gate.Name}}"}""", ""","stream_mode":["custom","updates"]"""));
        var frames = await stream.ToEndAsync();

        frames.Select(frame => frame.Event).ShouldBe(["metadata", "custom", "updates", "end"]);
        frames[2].Json.EnumerateObject().Single().Name.ShouldBe("call");
    }

    [Fact]
    public async Task The_failure_of_a_remote_run_is_the_failure_of_the_node()
    {
        await using var remote = await TestServer.StartAsync();

        var failed = await FailAsync(Callers.Graph(remote.Root.BaseAddress, "failing"), """{"fail":true}""");

        (failed.Failure, failed.Message).ShouldBe((RemoteGraphFailure.RunFailed, "The tap is closed."));
        failed.ErrorName.ShouldBe("InvalidOperationException");
    }

    [Fact]
    public async Task A_refusal_and_an_unreachable_server_are_told_apart()
    {
        await using var remote = await TestServer.StartAsync();
        var patience = new RemoteGraphOptions { ReconnectTimeout = TimeSpan.FromMilliseconds(50) };

        var refused = await FailAsync(Callers.Graph(remote.Root.BaseAddress, "nobody"), "{}");
        var unreachable = await FailAsync(Callers.Graph(new Uri("http://127.0.0.1:1"), "echo", patience), "{}");

        (refused.Failure, refused.StatusCode).ShouldBe((RemoteGraphFailure.Refused, HttpStatusCode.NotFound));
        refused.Message.ShouldContain("No assistant found");
        (unreachable.Failure, unreachable.StatusCode).ShouldBe((RemoteGraphFailure.Unreachable, null));
    }

    [Fact]
    public async Task Each_request_has_the_key_and_the_headers()
    {
        var keys = new List<string?>();
        await using var app = await GuestApp.StartAsync(
            app =>
            {
                app.Use((http, next) =>
                {
                    keys.Add(http.Request.Headers["x-api-key"]);
                    return next(http);
                });
                app.MapWeft();
            },
            HeaderUsers.Add);
        var options = new RemoteGraphOptions
        {
            ApiKey = "secret",
            ConfigureRequest = (context, request, _) =>
            {
                request.Headers.Add("x-user", "alice");
                return ValueTask.CompletedTask;
            },
        };

        await Callers.Graph(app.Root.BaseAddress, "echo", options).RunAsync(Input("""{"messages":"hi"}"""), cancellationToken: Token);

        (await app.Root.PostAsync("/threads/count", "{}", ("x-user", "alice"))).Text.ShouldBe("1");
        (await app.Root.PostAsync("/threads/count", "{}", ("x-user", "bob"))).Text.ShouldBe("0");
        keys.Take(3).ShouldAllBe(key => key == "secret");
    }

    private static GraphInput Input(string json) => GraphInput.FromJson(System.Text.Json.JsonElement.Parse(json));

    private static async Task<RemoteGraphException> FailAsync(CompiledGraph graph, string input)
    {
        var failed = await Should.ThrowAsync<NodeFailedException>(graph.RunAsync(Input(input), cancellationToken: Token));
        return failed.InnerException.ShouldBeOfType<RemoteGraphException>();
    }
}
