using System.Text.Json;
using Weft.Graphs;

namespace Weft.Server.Tests.Access;

/// <summary>Secrets that the host gives a graph are seen by its nodes only.</summary>
public sealed class SecretTests
{
    private static readonly string[] StreamModes =
        ["values", "updates", "messages", "messages-tuple", "custom", "debug", "tasks", "checkpoints", "events"];

    [Fact]
    public async Task No_answer_and_no_stream_has_a_secret()
    {
        var secret = "s3cret-of-the-host";
        await using var server = await StartAsync(() => secret);
        var thread = await server.Root.NewThreadAsync();
        var modes = JsonSerializer.Serialize(StreamModes);
        var run = $$$"""
            {"assistant_id":"secretive","input":{},"stream_mode":{{{modes}}} ,"stream_subgraphs":true,"stream_resumable":true,
             "webhook":"/hook/none",
             "config":{"configurable":{"api_key":"of the client","other":"kept"} } }
            """;

        using var stream = await server.Root.StreamAsync($"/threads/{thread}/runs/stream", run);
        var id = stream.Ids().RunId;
        var frames = await stream.ToEndAsync();

        frames.ShouldContain(frame => frame.Data.Contains("\"length\":18", StringComparison.Ordinal));
        foreach (var frame in frames)
        {
            frame.Data.ShouldNotContain(secret);
        }

        var cron = (await server.Root.PostAsync("/runs/crons", """{"assistant_id":"secretive","schedule":"0 0 1 1 *","input":{}}"""))
            .ShouldBeOk().String("cron_id");
        var assistant = (await server.Root.PostAsync("/assistants", """{"graph_id":"secretive"}""")).ShouldBeOk().String("assistant_id");
        foreach (var path in (string[])
            ["/assistants/secretive", $"/assistants/{assistant}", $"/threads/{thread}", $"/threads/{thread}/runs/{id}", $"/threads/{thread}/runs",
             $"/threads/{thread}/state?subgraphs=true", $"/threads/{thread}/history", "/assistants/secretive/schemas",
             "/assistants/secretive/graph", "/openapi.json", "/info", $"/threads/{thread}/runs/{id}/stream",
             $"/weft/threads/{thread}/runs/{id}/events?limit=1000", $"/weft/threads/{thread}/runs/{id}/timeline",
             $"/weft/threads/{thread}/messages", $"/weft/threads/{thread}/usage", $"/threads/{thread}/storage", "/weft/webhooks",
             $"/weft/webhooks/{id}", $"/runs/crons/{cron}"])
        {
            (await server.Root.GetAsync(path)).ShouldBeOk().Text.ShouldNotContain(secret, Case.Sensitive, path);
        }

        foreach (var (path, body) in ((string, string)[])
            [("/assistants/search", "{}"), ($"/assistants/{assistant}/versions", "{}"), ("/threads/search", "{}"),
             ("/weft/runs/search", "{}"), ("/runs/crons/search", "{}"), ("/store/items/search", """{"namespace_prefix":[]}"""),
             ($"/threads/{thread}/commands", """{"id":1,"method":"state.listCheckpoints","params":{}}""")])
        {
            (await server.Root.PostAsync(path, body)).ShouldBeOk().Text.ShouldNotContain(secret, Case.Sensitive, path);
        }
    }

    [Fact]
    public async Task A_new_secret_is_used_at_once_and_a_client_can_not_replace_it()
    {
        var secret = "short";
        await using var server = await StartAsync(() => secret);
        var thread = await server.Root.NewThreadAsync();
        const string run = """{"assistant_id":"secretive","input":{},"config":{"configurable":{"api_key":"of the client"}}}""";

        (await server.Root.PostAsync($"/threads/{thread}/runs/wait", run)).ShouldBeOk().Json.GetProperty("length").GetInt32().ShouldBe(5);
        secret = "a longer one";
        (await server.Root.PostAsync($"/threads/{thread}/runs/wait", run)).ShouldBeOk().Json.GetProperty("length").GetInt32().ShouldBe(12);
    }

    [Fact]
    public async Task No_secret_is_stored()
    {
        using var folder = new Recovery.TempFolder();
        const string secret = "s3cret-in-no-file";
        var server = await StartAsync(() => secret, folder.Path);
        var thread = await server.Root.NewThreadAsync();
        (await server.Root.PostAsync($"/threads/{thread}/runs/wait", """{"assistant_id":"secretive","input":{}}""")).ShouldBeOk();
        await server.StopAsync();

        foreach (var file in Directory.GetFiles(folder.Path))
        {
            System.Text.Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken))
                .ShouldNotContain(secret);
        }
    }

    private static Task<TestServer> StartAsync(Func<string> secret, string? folder = null)
    {
        var length = Channel.LastValue<int>("length");
        var graph = new StateGraph()
            .AddChannel(length)
            .AddNode("use", context => new StateUpdate().Set(length, context.GetConfigurable("api_key")!.Length))
            .AddEdge(StateGraph.Start, "use")
            .AddEdge("use", StateGraph.End)
            .Compile();
        return TestServer.StartAsync(folder, add: weft => weft.AddGraph(
            "secretive", graph, options => options.Secrets = _ => JsonElement.Parse($$"""{"api_key":"{{secret()}}"}""")));
    }
}
