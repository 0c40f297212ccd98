using System.Text.Json;

namespace Weft.Server.Tests.Platform;

public sealed class SubgraphTests(SharedServer shared) : ServerTests(shared)
{
    [Fact]
    public async Task The_stream_names_the_graphs_inside_when_it_is_asked_to()
    {
        using var stream = await Root.StreamAsync(
            $"/threads/{await Root.NewThreadAsync()}/runs/stream",
            """{"assistant_id":"outer","input":{"trail":"in"},"stream_mode":["values","updates","tasks","checkpoints","debug"],"stream_subgraphs":true}""");
        var frames = await stream.ToEndAsync();
        var inside = frames.Select(frame => frame.Event.Split('|', 2))
            .Where(parts => parts.Length == 2)
            .Select(parts => parts[1])
            .Distinct()
            .ShouldHaveSingleItem();
        inside.ShouldMatch("^sub:[0-9a-f-]{36}$");
        frames.Select(frame => frame.Event).ShouldContain($"updates|{inside}");
        var start = frames.First(frame => frame.Event == "tasks").Json;
        start.Names().ShouldBe(["id", "name", "input", "triggers", "interrupts"]);
        var result = frames.First(frame => frame.Event == $"tasks|{inside}" && frame.Json.TryGetProperty("result", out _)).Json;
        result.GetProperty("result").ShouldBeJson("""{"trail":["first"]}""");
        var checkpoint = frames.First(frame => frame.Event == $"checkpoints|{inside}").Json;
        checkpoint.GetProperty("checkpoint").GetProperty("checkpoint_map").Names().ShouldBe(["", inside]);
        frames.First(frame => frame.Event == "debug").Json.Names().ShouldBe(["step", "timestamp", "type", "payload"]);
    }

    [Fact]
    public async Task Without_being_asked_to_it_tells_of_the_root_graph_alone()
    {
        using var stream = await Root.StreamAsync(
            $"/threads/{await Root.NewThreadAsync()}/runs/stream",
            """{"assistant_id":"outer","input":{"trail":"in"},"stream_mode":["updates"]}""");
        (await stream.ToEndAsync())
            .Where(frame => frame.Event == "updates")
            .Select(frame => frame.Json.Names().Single())
            .ShouldBe(["__interrupt__"]);
    }

    [Fact]
    public async Task An_interrupt_inside_is_answered_from_outside_and_its_state_can_be_read_and_edited()
    {
        var thread = await Root.NewThreadAsync();
        var asked = (await Root.PostAsync($"/threads/{thread}/runs/wait", """{"assistant_id":"outer","input":{"trail":"in"}}"""))
            .ShouldBeOk().Json;
        asked.GetProperty("__interrupt__")[0].Text("value").ShouldBe("ok?");

        var task = (await Root.GetAsync($"/threads/{thread}/state")).ShouldBeOk().Json.GetProperty("tasks")[0];
        var inside = task.GetProperty("checkpoint").Text("checkpoint_ns");
        task.GetProperty("state").ValueKind.ShouldBe(JsonValueKind.Null);
        var nested = (await Root.GetAsync($"/threads/{thread}/state?subgraphs=true")).Json.GetProperty("tasks")[0].GetProperty("state");
        nested.GetProperty("next").Strings().ShouldBe(["ask"]);
        nested.GetProperty("values").ShouldBeJson("""{"trail":["in","first"]}""");

        var edit = $$$"""{"values":{"trail":"edited"},"as_node":"first","checkpoint":{"checkpoint_ns":"{{{inside}}}"}}""";
        (await Root.PostAsync($"/threads/{thread}/state", edit))
            .ShouldBeOk()
            .Json.GetProperty("checkpoint")
            .Text("checkpoint_ns")
            .ShouldBe(inside);
        (await Root.PostAsync($"/threads/{thread}/state/checkpoint", $$$"""{"checkpoint":{"checkpoint_ns":"{{{inside}}}"}}"""))
            .ShouldBeOk().Json
            .GetProperty("values").ShouldBeJson("""{"trail":["in","first","edited"]}""");
        (await Root.PostAsync($"/threads/{thread}/state/checkpoint?subgraphs=true", "{}"))
            .ShouldBeOk().Json.GetProperty("tasks")[0].GetProperty("state").ValueKind.ShouldBe(JsonValueKind.Object);
        (await Root.PostAsync($"/threads/{thread}/history", $$$"""{"checkpoint":{"checkpoint_ns":"{{{inside}}}"}}"""))
            .ShouldBeOk()
            .Json.GetArrayLength()
            .ShouldBe(4);

        await Root.PostAsync($"/threads/{thread}/runs/wait", """{"assistant_id":"outer","input":null}""");
        var done =
            (await Root.PostAsync($"/threads/{thread}/runs/wait", """{"assistant_id":"outer","command":{"resume":"yes"}}"""))
            .ShouldBeOk().Json;
        done.ShouldBeJson("""{"trail":["in","in","first","edited","ask:yes"]}""");
    }

    [Fact]
    public async Task A_run_may_start_from_a_checkpoint_inside_when_it_says_what_is_around_it()
    {
        var thread = await Root.NewThreadAsync();
        await Root.PostAsync($"/threads/{thread}/runs/wait", """{"assistant_id":"outer","input":{"trail":"in"}}""");
        var inside = (await Root.GetAsync($"/threads/{thread}/state?subgraphs=true"))
            .Json.GetProperty("tasks")[0]
            .GetProperty("state")
            .GetProperty("checkpoint");
        var again = (await Root.PostAsync($"/threads/{thread}/runs/wait", $$"""{"assistant_id":"outer","input":null,"checkpoint":{{inside.GetRawText()}}}"""))
            .ShouldBeOk().Json;
        again.GetProperty("__interrupt__").GetArrayLength().ShouldBe(1);

        var without =
            $$$"""{"assistant_id":"outer","input":null,"checkpoint":{"checkpoint_ns":"{{{inside.Text("checkpoint_ns")}}}","checkpoint_id":"x"}}""";
        var refused = await Root.PostAsync($"/threads/{thread}/runs/wait", without);
        refused.Status.ShouldBe(422);
        refused.String("detail").ShouldContain("checkpoint.checkpoint_map");
    }

    [Fact]
    public async Task The_state_that_a_graph_keeps_per_thread_is_found_under_the_namespace_that_streams_show()
    {
        foreach (var api in (Api[])[Root, Gateway])
        {
            var thread = await Root.NewThreadAsync();
            var path = $"/threads/{thread}";
            using var stream = await Root.StreamAsync(
                $"{path}/runs/stream",
                """{"assistant_id":"nested","input":{"messages":[]},"stream_mode":["tasks"]}""");
            var task = (await stream.ToEndAsync()).First(frame => frame.Event == "tasks" && frame.Json.Text("name") == "remember");
            var kept = (await api.PostAsync($"{path}/state/checkpoint", Of("remember"))).ShouldBeOk().Json;
            kept.GetProperty("values").ShouldBeJson("""{"visits":["visit"]}""");

            foreach (var place in (string[])[$"remember:{task.Json.Text("id")}", "remember:of-another-run", "remember"])
            {
                (await api.PostAsync($"{path}/state/checkpoint", Of(place))).ShouldBeOk().Json.ShouldBeJson(kept.GetRawText());
                var id = kept.GetProperty("checkpoint").Text("checkpoint_id");
                (await api.PostAsync($"{path}/state/checkpoint", Of(place, $",\"checkpoint_id\":\"{id}\""))).ShouldBeOk()
                    .Json.ShouldBeJson(kept.GetRawText());
                var history = (await api.PostAsync($"{path}/history", Of(place))).ShouldBeOk().Json;
                history.GetArrayLength().ShouldBe(3);
                history[0].ShouldBeJson(kept.GetRawText());
            }

            // A graph that begins again in each task has another state in each.
            (await api.PostAsync($"{path}/history", Of("inner:of-another-run"))).ShouldBeOk().Json.GetArrayLength().ShouldBe(0);
            (await api.PostAsync($"{path}/state", Of($"remember:{task.Json.Text("id")}", values: """{"visits":["edit"]}"""))).ShouldBeOk();
            (await api.PostAsync($"{path}/state/checkpoint", Of("remember"))).ShouldBeOk()
                .Json.GetProperty("values").ShouldBeJson("""{"visits":["visit","edit"]}""");
        }

        static string Of(string place, string id = "", string values = "null") =>
            $$"""{"values":{{values}},"checkpoint":{"checkpoint_ns":"{{place}}"{{id}}} }""";
    }

    [Fact]
    public async Task A_graph_inside_that_is_not_there_is_not_found()
    {
        var thread = await Root.NewThreadAsync();
        await Root.PostAsync($"/threads/{thread}/runs/wait", """{"assistant_id":"outer","input":{"trail":"in"}}""");
        foreach (var path in (string[])["state/checkpoint", "history", "state"])
        {
            var answer = await Root.PostAsync($"/threads/{thread}/{path}", """{"values":{},"checkpoint":{"checkpoint_ns":"nope:1"}}""");
            answer.Status.ShouldBe(404);
            answer.String("detail").ShouldContain("nope");
        }
    }

    [Fact]
    public async Task Rolling_back_takes_the_checkpoints_of_graphs_inside_too()
    {
        var thread = await Root.NewThreadAsync();
        var run = await Root.PostAsync($"/threads/{thread}/runs/wait", """{"assistant_id":"outer","input":{"trail":"in"}}""");
        var inside = (await Root.GetAsync($"/threads/{thread}/state"))
            .Json.GetProperty("tasks")[0]
            .GetProperty("checkpoint")
            .Text("checkpoint_ns");
        (await Root.DeleteAsync(run.RunPath)).Status.ShouldBe(204);
        (await Root.PostAsync($"/threads/{thread}/history", $$$"""{"checkpoint":{"checkpoint_ns":"{{{inside}}}"}}"""))
            .ShouldBeOk()
            .Json.GetArrayLength()
            .ShouldBe(0);
    }
}
