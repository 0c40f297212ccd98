using System.Net;
using System.Text.Json;

namespace Weft.Server.Tests.Gateway;

public sealed class StateTests(SharedServer shared) : ServerTests(shared)
{
    [Fact]
    public async Task A_state_names_its_checkpoint_in_both_ways_in_every_view()
    {
        var thread = NewId();
        await Gateway.PostAsync($"/threads/{thread}/runs/wait", """{"assistant_id":"nested","input":{}}""");
        var state = (await Gateway.GetAsync($"/threads/{thread}/state?subgraphs=true")).ShouldBeOk().Json;
        var history = (await Gateway.PostAsync($"/threads/{thread}/history", "{}")).ShouldBeOk().Json;

        foreach (var shown in (JsonElement[])[
            state,
            state.GetProperty("tasks")[0].GetProperty("state"),
            history[0],
            history[1],
            (await Gateway.GetAsync($"/threads/{thread}/state/{history[1].CheckpointId()}")).ShouldBeOk().Json])
        {
            shown.Text("checkpoint_id").ShouldBe(shown.CheckpointId());
            shown.GetProperty("parent_checkpoint_id").GetString().ShouldBe(shown.ParentId());
            shown.GetProperty("checkpoint").Text("id").ShouldBe(shown.CheckpointId());
            shown.GetProperty("checkpoint").Text("ts").ShouldBe(shown.Text("created_at"));
        }

        (await Gateway.GetAsync($"/threads/{thread}/state?select=checkpoint_id")).ShouldBeOk().Json.Names().ShouldBe(["checkpoint_id"]);
        var empty = (await Gateway.PostAsync("/threads", $$"""{"thread_id":"{{NewId()}}"}""")).ShouldBeOk().String("thread_id");
        (await Gateway.GetAsync($"/threads/{empty}/state"))
            .ShouldBeOk()
            .Json.GetProperty("checkpoint_id")
            .ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task An_edit_answers_the_whole_state()
    {
        var thread = NewId();
        await Gateway.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo());

        var edited = (await Gateway.PostAsync($"/threads/{thread}/state", """{"values":{"title":"k"}}""")).ShouldBeOk().Json;

        edited.ShouldBeJson((await Gateway.GetAsync($"/threads/{thread}/state")).ShouldBeOk().Text);
        edited.GetProperty("values").Text("title").ShouldBe("k");
        var past = (await Gateway.PostAsync($"/threads/{thread}/history", "{}")).Json.EnumerateArray().Last().CheckpointId();
        (await Gateway.PostAsync($"/threads/{thread}/state", $$"""{"values":{"title":"b"},"checkpoint_id":"{{past}}","as_node":"answer"}"""))
            .ShouldBeOk()
            .Json.ParentId()
            .ShouldBe(past);
        (await Gateway.PostAsync($"/threads/{thread}/state", """{"values":{"title":5},"as_node":"answer"}"""))
            .ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task A_run_without_input_starts_on_a_thread_without_a_state_and_goes_on_elsewhere()
    {
        var thread = NewId();
        foreach (var input in (string[])["""{"assistant_id":"asking","input":null}""", """{"assistant_id":"asking"}"""])
        {
            (await Gateway.PostAsync("/threads/runs/wait", input)).ShouldBeOk().Json.Names().ShouldNotContain("__error__");
            (await Gateway.PostAsync($"/threads/{NewId()}/runs/wait", input)).ShouldBeOk().Json.Names().ShouldNotContain("__error__");
        }

        await Gateway.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo(more: ""","interrupt_before":["answer"]"""));
        (await Gateway.PostAsync($"/threads/{thread}/runs/wait", """{"assistant_id":"echo","input":null}"""))
            .ShouldBeOk()
            .Json.Texts()
            .ShouldBe(["hi", "echo: hi"]);
        (await Gateway.PostAsync($"/threads/{NewId()}/runs/wait", """{"assistant_id":"asking","command":{"resume":"x"}}"""))
            .ShouldBeOk()
            .Json.Names()
            .ShouldContain("__error__");
        (await Root.PostAsync($"/threads/{await Root.NewThreadAsync()}/runs/wait", """{"assistant_id":"asking","input":null}"""))
            .ShouldBeOk()
            .Json.GetProperty("__error__")
            .Text("error")
            .ShouldBe("EmptyInputError");
    }

    [Fact]
    public async Task A_pause_shows_its_question_in_updates_and_not_in_values()
    {
        var thread = NewId();
        using var stream = await Gateway.StreamAsync(
            $"/threads/{thread}/runs/stream", Bodies.Asking(""","stream_mode":["values","updates"]"""));
        var frames = await stream.ToEndAsync();

        frames.Where(frame => frame.Event == "values").ShouldAllBe(frame => !frame.Json.Names().Contains("__interrupt__"));
        frames.Count(frame => frame.Event == "values").ShouldBe(2);
        frames.Last(frame => frame.Event == "updates").Json.GetProperty("__interrupt__")[0].Text("value").ShouldBe("which one?");
        using var joined = await Gateway.JoinAsync($"/threads/{thread}/runs/{stream.Ids().RunId}/stream");
        (await joined.ToEndAsync()).ShouldBe(frames);
        using var atRoot = await Root.JoinAsync($"/threads/{thread}/runs/{stream.Ids().RunId}/stream", ("Last-Event-ID", "-1"));
        (await atRoot.ToEndAsync())
            .Last(frame => frame.Event == "values")
            .Json.GetProperty("__interrupt__")[0]
            .Text("value")
            .ShouldBe("which one?");
        (await Gateway.PostAsync($"/threads/{thread}/runs/wait", Bodies.Asking()))
            .ShouldBeOk()
            .Json.Names()
            .ShouldNotContain("__interrupt__");
        (await Gateway.GetAsync($"/threads/{thread}/runs/{stream.Ids().RunId}/join"))
            .ShouldBeOk()
            .Json.Names()
            .ShouldNotContain("__interrupt__");
    }

    [Fact]
    public async Task A_pause_inside_shows_no_question_in_values_either_and_text_of_that_name_stays()
    {
        const string Body =
            """{"assistant_id":"nested","input":{"messages":"the word \"__interrupt__\":[ and more"},"stream_mode":"values","stream_subgraphs":true,"stream_resumable":true}""";
        using var stream = await Gateway.StreamAsync($"/threads/{NewId()}/runs/stream", Body);
        var frames = await stream.ToEndAsync();

        frames.Count(frame => frame.Event.StartsWith("values|", StringComparison.Ordinal)).ShouldBeGreaterThan(0);
        foreach (var frame in frames.Where(frame => frame.Event.StartsWith("values", StringComparison.Ordinal)))
        {
            frame.Json.Names().ShouldNotContain("__interrupt__");
        }

        frames.Last(frame => frame.Event == "values").Json.Texts()[0].ShouldBe("the word \"__interrupt__\":[ and more");
    }
}
