using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Weft.Graphs;

namespace Weft.Server.Tests.Platform;

public sealed class FactoryTests(SharedServer shared) : ServerTests(shared)
{
    [Fact]
    public async Task A_graph_may_be_made_from_the_configuration_of_its_run()
    {
        var thread = await Root.NewThreadAsync();
        await Root.PostAsync(
            $"/threads/{thread}/runs/wait",
            """{"assistant_id":"named","input":{},"config":{"configurable":{"name":"chosen"}}}""");
        (await Root.GetAsync($"/threads/{thread}")).String("status").ShouldBe("interrupted");
        (await Root.GetAsync($"/threads/{thread}/state")).ShouldBeOk().Json.GetProperty("next").Strings().ShouldBe(["chosen"]);
        (await Root.PostAsync($"/threads/{thread}/runs/wait", """{"assistant_id":"named","command":{"resume":"yes"},"config":{"configurable":{"name":"chosen"}}}"""))
            .ShouldBeOk().Json
            .ShouldBeJson("""{"answer":"chosen: yes"}""");
        (await Root.PostAsync("/runs/wait", """{"assistant_id":"named","input":{}}"""))
            .ShouldBeOk()
            .Json.GetProperty("__interrupt__")
            .GetArrayLength()
            .ShouldBe(1);
    }

    [Fact]
    public async Task The_graph_of_an_assistants_configuration_is_the_one_of_commands_and_edits_too()
    {
        await using var server = await TestServer.StartAsync(add: weft =>
            weft.AddGraph(
                "set",
                (_, configurable) => TestGraphs.Named(configurable),
                graph => graph.Config = JsonElement.Parse("""{"configurable":{"name":"chosen"}}""")));
        var thread = (await server.Root.PostAsync("/threads", """{"metadata":{"graph_id":"set"}}""")).String("thread_id");

        (await server.Root.PostAsync($"/threads/{thread}/state", """{"values":{"answer":"edited"},"as_node":"chosen"}""")).ShouldBeOk();
        (await server.Root.PostAsync($"/threads/{thread}/runs/wait", """{"assistant_id":"set","command":{"goto":"chosen"}}"""))
            .ShouldBeOk()
            .Json.GetProperty("__interrupt__")[0]
            .Text("value")
            .ShouldBe("ok?");
        (await server.Root.PostAsync($"/threads/{thread}/state", """{"values":{"answer":"again"},"as_node":"chosen"}""")).ShouldBeOk();
        (await server.Root.PostAsync($"/threads/{thread}/state", """{"values":{"answer":"x"},"as_node":"default"}"""))
            .ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task A_graph_is_made_once_for_each_configuration()
    {
        var made = new ConcurrentQueue<string>();
        await using var server = await TestServer.StartAsync(add: weft => weft.AddGraph("counted", (_, configurable) =>
        {
            made.Enqueue(configurable.TryGetProperty("name", out var name) ? name.GetString()! : "none");
            return TestGraphs.Named(configurable);
        }));

        for (var turn = 0; turn < 3; turn++)
        {
            foreach (var name in (string[])["a", "b"])
            {
                var thread = await server.Root.NewThreadAsync();
                await server.Root.PostAsync(
                    $"/threads/{thread}/runs/wait",
                    $$$"""{"assistant_id":"counted","command":{"goto":"{{{name}}}"},"config":{"configurable":{"name":"{{{name}}}"} } }""");
                (await server.Root.GetAsync($"/threads/{thread}/state"))
                    .ShouldBeOk()
                    .Json.GetProperty("next")
                    .Strings()
                    .ShouldContain(name);
            }
        }

        made.ShouldBe(["none", "a", "b"]);
    }

    [Fact]
    public async Task A_graph_is_made_again_only_for_the_headers_that_its_factory_reads()
    {
        var made = new ConcurrentQueue<string>();
        await using var server = await TestServer.StartAsync(add: weft =>
        {
            weft.AddGraph("plain", (_, configurable) => Made("plain", configurable));
            weft.AddGraph("variant", (_, configurable) => Made("variant", configurable), graph => graph.FactoryHeaders.Add("X-Variant"));
        });

        foreach (var graph in (string[])["plain", "variant"])
        {
            for (var turn = 0; turn < 4; turn++)
            {
                var values = (await server.Root.PostAsync(
                    "/runs/wait",
                    $$$"""{"assistant_id":"{{{graph}}}","input":{}}""",
                    ("x-request-id", $"{turn}"),
                    ("x-variant", turn < 2 ? "a" : "b"))).ShouldBeOk().Json.GetProperty("configurable");
                // Nodes see all of them.
                (values.Text("x-request-id"), values.Text("x-variant")).ShouldBe(($"{turn}", turn < 2 ? "a" : "b"));
            }
        }

        made.Where(graph => graph.StartsWith("plain", StringComparison.Ordinal)).ShouldBe(["plain none", "plain none"]);
        // Without the headers of a run it is made for reads, once.
        made.Where(graph => graph.StartsWith("variant", StringComparison.Ordinal)).Distinct().Order()
            .ShouldBe(["variant a", "variant b", "variant none"]);
        made.Count.ShouldBeLessThanOrEqualTo(2 + 4);

        CompiledGraph Made(string graph, JsonElement configurable)
        {
            configurable.TryGetProperty("x-request-id", out _).ShouldBeFalse();
            made.Enqueue(graph + " " + (configurable.TryGetProperty("x-variant", out var variant) ? variant.GetString() : "none"));
            return TestGraphs.Configured();
        }
    }

    [Fact]
    public async Task A_factory_that_hangs_holds_up_only_its_own_configuration()
    {
        using var released = new ManualResetEventSlim();
        var calls = 0;
        await using var server = await TestServer.StartAsync(add: weft => weft.AddGraph(
            "slow",
            (_, configurable) =>
            {
                if (configurable.TryGetProperty("name", out var name) && name.ValueEquals("hang"))
                {
                    Interlocked.Increment(ref calls);
                    released.Wait(TimeSpan.FromMinutes(1));
                }

                return TestGraphs.Named(configurable);
            },
            graph => graph.FactoryTimeLimit = TimeSpan.FromSeconds(0.2)));
        var thread = await server.Root.NewThreadAsync();
        const string Hanging = """{"assistant_id":"slow","input":{},"config":{"configurable":{"name":"hang"}}}""";

        for (var i = 0; i < 3; i++)
        {
            (await server.Root.PostAsync($"/threads/{thread}/runs/wait", Hanging))
                .ShouldBe(HttpStatusCode.ServiceUnavailable).Json.Text("detail").ShouldContain("'slow' takes too long");
        }

        (await server.Root.PostAsync($"/threads/{thread}/runs/wait", """{"assistant_id":"slow","input":{}}""")).ShouldBeOk();
        released.Set();
        var late = await server.Root.NewThreadAsync();
        await Waiting.Until(
            async () => (await server.Root.PostAsync($"/threads/{late}/runs/wait", Hanging)).Status == 200, "the graph is made");
        calls.ShouldBe(1);
    }

    [Fact]
    public async Task A_thread_goes_on_with_one_graph_where_another_has_left_it()
    {
        var thread = await Root.NewThreadAsync();
        var path = $"/threads/{thread}/runs/wait";

        await Root.PostAsync(path, """{"assistant_id":"either","input":{}}""");
        await Root.PostAsync(path, """{"assistant_id":"either","command":{"resume":"a"},"config":{"configurable":{"other":true}}}""");
        (await Root.PostAsync(path, """{"assistant_id":"either","command":{"resume":"b"}}"""))
            .ShouldBeOk()
            .Json.ShouldBeJson("""{"answers":"a b"}""");
    }

    [Theory]
    [InlineData("5")]
    [InlineData("\"a|b\"")]
    public async Task A_configuration_of_which_no_graph_can_be_made_is_refused(string name)
    {
        var thread = await Root.NewThreadAsync();
        var run = $$$"""{"assistant_id":"named","input":{},"config":{"configurable":{"name":{{{name}}} } } }""";

        (await Root.PostAsync($"/threads/{thread}/runs/wait", run))
            .ShouldBe(HttpStatusCode.UnprocessableEntity)
            .Detail.ShouldStartWith("config.configurable: The graph 'named' can't be made");
        (await Root.PostAsync("/runs/batch", $"[{run}]"))
            .ShouldBe(HttpStatusCode.UnprocessableEntity)
            .Detail.ShouldStartWith("[0].config.configurable");
        (await Root.GetAsync($"/threads/{thread}/runs")).ShouldBeOk().Json.GetArrayLength().ShouldBe(0);
    }
}
