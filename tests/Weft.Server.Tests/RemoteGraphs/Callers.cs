using System.Text.Json;
using Weft.Graphs;
using Weft.RemoteGraphs;

namespace Weft.Server.Tests.RemoteGraphs;

/// <summary>Servers with a graph whose one node is a graph of another server.</summary>
internal static class Callers
{
    public static Task<TestServer> StartAsync(
        Uri remote, string assistant, RemoteGraphOptions? options = null, string? folder = null, TimeSpan? drain = null) =>
        TestServer.StartAsync(
            folder,
            configureRuns: runs => runs.DrainTimeout = drain ?? runs.DrainTimeout,
            add: weft => weft.AddGraph("caller", Graph(remote, assistant, options)));

    public static CompiledGraph Graph(Uri remote, string assistant, RemoteGraphOptions? options = null) => new StateGraph()
        .AddChannels(
            Channel.Messages(),
            Channel.LastValue<string>("gate"),
            Channel.LastValue<string>("answer"),
            Channel.LastValue<JsonElement>("answers"),
            Channel.LastValue<bool>("fail"),
            Channel.List<string>("trail"))
        .AddNode("call", new RemoteGraph(remote, assistant, options))
        .AddEdge(StateGraph.Start, "call")
        .Compile();

    public static string Body(string input, string more = "") => $$"""{"assistant_id":"caller","input":{{input}}{{more}}}""";

    public static string Say(string text, string more = "") => Body($$"""{"messages":[{"role":"human","content":"{{text}}"}]}""", more);

    /// <summary>The runs of the one thread that the other server has, the newest first.</summary>
    public static async Task<string[]> RunsAsync(this TestServer server)
    {
        var thread = (await server.Root.PostAsync("/threads/search", "{}")).ShouldBeOk().Json.EnumerateArray().ShouldHaveSingleItem();
        var runs = await server.Root.GetAsync($"/threads/{thread.Text("thread_id")}/runs");
        return [.. runs.ShouldBeOk().Json.EnumerateArray().Select(run => run.Text("status"))];
    }
}
