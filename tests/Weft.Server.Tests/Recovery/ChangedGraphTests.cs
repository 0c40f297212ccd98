using System.Net;
using System.Text.Json;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Server.Tests.Recovery;

/// <summary>A server that is started with another version of a graph than its threads were made with.</summary>
public sealed class ChangedGraphTests
{
    [Theory]
    [InlineData("type")]
    [InlineData("kind")]
    [InlineData("member")]
    public async Task What_the_new_graph_can_not_read_is_told_and_hurts_nobody_else(string changed)
    {
        using var folder = new TempFolder();
        var (before, after, input) = changed switch
        {
            "type" => (Graph(Channel.LastValue<int>("value")), Graph(Channel.LastValue<Dictionary<string, int>>("value")), "5"),
            "kind" => (Graph(Channel.List<string>("value")), Graph(Channel.LastValue<List<string>>("value")), """["a"]"""),
            _ => (Graph(Channel.LastValue<Before>("value")), Graph(Channel.LastValue<After>("value")), """{"A":"a"}"""),
        };
        var first = await TestServer.StartAsync(folder.Path, add: weft => weft.AddGraph("changing", before));
        var thread = await first.Root.NewThreadAsync();
        for (var i = 0; i < 2; i++)
        {
            (await first.Root.PostAsync($"/threads/{thread}/runs/wait", $$"""{"assistant_id":"changing","input":{"value":{{input}} } }"""))
                .ShouldBeOk();
        }

        var state = (await first.Root.GetAsync($"/threads/{thread}/state")).ShouldBeOk().Text;
        await first.StopAsync();

        var second = await TestServer.StartAsync(folder.Path, add: weft => weft.AddGraph("changing", after));
        var view = (await second.Root.GetAsync($"/threads/{thread}")).ShouldBeOk();
        view.Json.GetProperty("values").ValueKind.ShouldBe(JsonValueKind.Null);
        (await second.Root.PostAsync("/threads/search", "{}")).ShouldBeOk().Json.GetArrayLength().ShouldBe(1);
        (await second.Root.PostAsync("/threads/search", """{"values":{"x":1}}""")).ShouldBeOk().Json.GetArrayLength().ShouldBe(0);
        (await second.Root.GetAsync($"/threads/{thread}/runs")).ShouldBeOk().Json.GetArrayLength().ShouldBe(2);
        (await second.Root.GetAsync($"/threads/{thread}/state")).ShouldBe(HttpStatusCode.Conflict).Detail.ShouldContain("'value'");
        (await second.Root.PostAsync($"/threads/{thread}/history", "{}")).ShouldBe(HttpStatusCode.Conflict).Detail.ShouldContain("'value'");
        (await second.Root.PostAsync($"/threads/{thread}/state", """{"values":{}}"""))
            .ShouldBe(HttpStatusCode.Conflict)
            .Detail.ShouldContain("'value'");
        var copy = (await second.Root.PostAsync($"/threads/{thread}/copy")).ShouldBeOk().String("thread_id");
        (await second.Root.PostAsync("/threads/prune", $$"""{"thread_ids":["{{copy}}"],"strategy":"keep_latest"}"""))
            .ShouldBeOk()
            .Json.GetProperty("pruned_count")
            .GetInt32()
            .ShouldBe(0);
        (await second.Root.PostAsync($"/threads/{copy}/runs/wait", """{"assistant_id":"changing","input":{}}""")).ShouldBeOk().Json
            .GetProperty("__error__").Text("message").ShouldContain("'value'");
        (await second.Root.PostAsync($"/threads/{copy}/runs/wait", """{"assistant_id":"changing","input":{},"stream_resumable":true}"""))
            .ShouldBeOk().Json
            .GetProperty("__error__").Text("message").ShouldContain("'value'");
        (await second.Root.GetAsync($"/threads/{copy}")).String("status").ShouldBe("error");
        (await second.Root.DeleteAsync($"/threads/{copy}")).ShouldBe(HttpStatusCode.NoContent);
        await second.StopAsync();

        var third = await TestServer.StartAsync(folder.Path, add: weft => weft.AddGraph("changing", before));
        (await third.Root.GetAsync($"/threads/{thread}/state")).ShouldBeOk().Text.ShouldBe(state);
        await third.StopAsync();
    }

    private static CompiledGraph Graph(StateChannel value) =>
        new StateGraph().AddChannel(value).AddNode("n", _ => StateUpdate.None).AddEdge(StateGraph.Start, "n").Compile();

    public sealed record Before(string A);

    public sealed record After(string A)
    {
        public required string B { get; init; }
    }
}
