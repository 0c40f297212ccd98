using System.Text.Json;
using Weft.Graphs;

namespace Weft.Server.Tests.Recovery;

/// <summary>Questions at the same time, and graphs that code runs, after a restart and over HTTP.</summary>
public sealed class IdentityTests
{
    [Fact]
    public async Task Questions_at_the_same_time_are_answered_one_by_one_over_a_restart_and_each_once()
    {
        using var folder = new TempFolder();
        var first = await StartAsync(folder);
        var thread = await first.Root.NewThreadAsync();
        var ids = Ids(
            (await first.Root.PostAsync($"/threads/{thread}/runs/wait", """{"assistant_id":"at_once","input":{}}""")).ShouldBeOk().Json);
        ids.Keys.Order().ShouldBe(["x?", "y?", "z?"]);
        Ids(await AnswerAsync(first, thread, ids, "y")).Keys.Order().ShouldBe(["x?", "z?"]);
        await first.StopAsync();

        var second = await StartAsync(folder);
        (await second.Root.GetAsync($"/threads/{thread}/state"))
            .ShouldBeOk()
            .Json.GetProperty("tasks")[0]
            .GetProperty("interrupts")
            .EnumerateArray()
            .Select(interrupt => interrupt.Text("id"))
            .ShouldBe([ids["x?"], ids["z?"]], ignoreOrder: true);
        // An answer that is sent twice answers nothing the second time.
        Ids(await AnswerAsync(second, thread, ids, "y")).ShouldBe(ids.Where(id => id.Key != "y?"), ignoreOrder: true);
        Ids(await AnswerAsync(second, thread, ids, "z")).Keys.ShouldBe(["x?"]);
        (await AnswerAsync(second, thread, ids, "x")).GetProperty("trail").ShouldBeJson("""["x:X","y:Y","z:Z"]""");
        await second.StopAsync();
    }

    [Fact]
    public async Task A_graph_that_a_node_does_not_name_is_read_and_continued_by_the_next_server_also_after_pruning()
    {
        using var folder = new TempFolder();
        var first = await StartAsync(folder);
        var thread = await first.Root.NewThreadAsync();
        await first.Root.PostAsync($"/threads/{thread}/runs/wait", """{"assistant_id":"calling","input":{}}""");
        var inside = $"call:{(await first.Root.GetAsync($"/threads/{thread}/state")).ShouldBeOk().Json.GetProperty("tasks")[0].Text("id")}";
        await first.StopAsync();

        var second = await StartAsync(folder);
        var address = $$$"""{"checkpoint":{"checkpoint_ns":"{{{inside}}}"}}""";
        (await second.Root.PostAsync($"/threads/{thread}/state/checkpoint", address))
            .ShouldBeOk()
            .Json.GetProperty("values")
            .Texts()
            .ShouldBe(["hello", "one", "two"]);
        (await second.Root.PostAsync($"/threads/{thread}/history", address)).ShouldBeOk().Json.GetArrayLength().ShouldBe(4);
        (await second.Root.PostAsync("/threads/prune", $$"""{"thread_ids":["{{thread}}"],"strategy":"keep_latest"}""")).ShouldBeOk();
        (await second.Root.PostAsync($"/threads/{thread}/state/checkpoint", address))
            .ShouldBeOk()
            .Json.GetProperty("values")
            .Texts()
            .ShouldBe(["hello", "one", "two"]);
        (await second.Root.PostAsync($"/threads/{thread}/runs/wait", """{"assistant_id":"calling","command":{"resume":"yes"}}"""))
            .ShouldBeOk().Json
            .GetProperty("trail").ShouldBeJson("""["hello","one","two","yes"]""");
        await second.StopAsync();
    }

    private static Task<TestServer> StartAsync(TempFolder folder) =>
        TestServer.StartAsync(folder.Path, add: weft => weft.AddGraph("at_once", AtOnce()).AddGraph("calling", Calling()));

    private static Dictionary<string, string> Ids(JsonElement values) =>
        values.GetProperty("__interrupt__")
            .EnumerateArray()
            .ToDictionary(interrupt => interrupt.Text("value"), interrupt => interrupt.Text("id"));

    private static async Task<JsonElement> AnswerAsync(
        TestServer server, string thread, Dictionary<string, string> ids, string name) => (await server.Root.PostAsync(
        $"/threads/{thread}/runs/wait",
        $$$$"""{"assistant_id":"at_once","command":{"resume":{"{{{{ids[name + "?"]}}}}":"{{{{name.ToUpperInvariant()}}}}"}}}""")).ShouldBeOk().Json;

    /// <summary>Asks x, y and z at the same time, in another order at each try.</summary>
    private static CompiledGraph AtOnce()
    {
        var trail = Channel.List<string>("trail");
        var tries = 0;
        return new StateGraph().AddChannel(trail).AddNode("ask", async (context, stop) =>
        {
            var turn = tries++;
            async Task<string> AskAsync(string name, int index)
            {
                await Task.Delay(40 * ((index + turn) % 3), stop);
                return $"{name}:{context.Interrupt($"{name}?")}";
            }

            return new StateUpdate().Add(trail, await Task.WhenAll(AskAsync("x", 2), AskAsync("y", 1), AskAsync("z", 0)));
        }).AddEdge(StateGraph.Start, "ask").Compile();
    }

    /// <summary>A node whose code runs a graph that speaks twice and asks.</summary>
    private static CompiledGraph Calling()
    {
        var trail = Channel.List<string>("trail");
        var messages = Channel.Messages();
        var inner = new StateGraph().AddChannel(messages)
            .AddNode("one", _ => new StateUpdate().Add(messages, Message.Ai("one")))
            .AddNode("two", _ => new StateUpdate().Add(messages, Message.Ai("two")))
            .AddNode("ask", context => new StateUpdate().Add(messages, context.Interrupt("sure?").ToString()))
            .AddEdge(StateGraph.Start, "one").AddEdge("one", "two").AddEdge("two", "ask").Compile();
        return new StateGraph().AddChannel(trail).AddNode("call", async (context, stop) =>
        {
            var state = await context.RunAsync(inner, new StateUpdate().Add(messages, "hello"), stop);
            return new StateUpdate().Add(trail, [.. state.Get(messages).Select(message => message.Text)]);
        }).AddEdge(StateGraph.Start, "call").Compile();
    }
}
