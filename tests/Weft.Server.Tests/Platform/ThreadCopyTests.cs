using System.Net;
using System.Text.Json;

namespace Weft.Server.Tests.Platform;

public sealed class ThreadCopyTests(SharedServer shared) : ServerTests(shared)
{
    [Fact]
    public async Task A_copy_has_the_same_history_under_the_same_ids_and_goes_on_by_itself()
    {
        var thread = (await Root.PostAsync("/threads", """{"metadata":{"team":"blue"}}""")).String("thread_id");
        await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo("one"));

        var copy = (await Root.PostAsync($"/threads/{thread}/copy")).ShouldBeOk().Json;

        var id = copy.Text("thread_id");
        id.ShouldNotBe(thread);
        (copy.Text("status"), copy.GetProperty("metadata").Text("team"), copy.GetProperty("metadata").Text("graph_id"))
            .ShouldBe(("idle", "blue", "echo"));
        copy.GetProperty("values").Texts().ShouldBe(["one", "echo: one"]);
        var (original, copied) = (await HistoryAsync(thread), await HistoryAsync(id));
        copied.Select(state => state.CheckpointId()).ShouldBe(original.Select(state => state.CheckpointId()));
        copied.Select(state => state.ParentId()).ShouldBe(original.Select(state => state.ParentId()));
        copied.ShouldAllBe(state => state.GetProperty("metadata").GetProperty("thread_id").GetString() == id);
        copied.ShouldAllBe(state => state.GetProperty("checkpoint").GetProperty("thread_id").GetString() == id);
        (await Root.GetAsync($"/threads/{id}/runs")).ShouldBeOk().Text.ShouldBe("[]");

        (await Root.PostAsync($"/threads/{id}/runs/wait", Bodies.Echo("two")))
            .ShouldBeOk()
            .Json.Texts()
            .ShouldBe(["one", "echo: one", "two", "echo: two"]);
        (await Root.GetAsync($"/threads/{thread}/state")).Json.GetProperty("values").Texts().ShouldBe(["one", "echo: one"]);
    }

    [Fact]
    public async Task The_copy_of_a_thread_that_asks_can_be_answered_otherwise()
    {
        var thread = await Root.NewThreadAsync();
        await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Asking());

        var copy = (await Root.PostAsync($"/threads/{thread}/copy")).ShouldBeOk().Json;

        copy.Text("status").ShouldBe("interrupted");
        copy.GetProperty("interrupts")
            .ShouldBeJson((await Root.GetAsync($"/threads/{thread}")).Json.GetProperty("interrupts").GetRawText());
        const string Answer = """{"assistant_id":"asking","command":{"resume":"$"}}""";
        (await Root.PostAsync($"/threads/{copy.Text("thread_id")}/runs/wait", Answer.Replace("$", "blue", StringComparison.Ordinal)))
            .Json.Texts()
            .ShouldBe(["you chose blue"]);
        (await Root.PostAsync($"/threads/{thread}/runs/wait", Answer.Replace("$", "red", StringComparison.Ordinal)))
            .Json.Texts()
            .ShouldBe(["you chose red"]);
    }

    [Fact]
    public async Task A_thread_can_be_copied_while_a_run_of_it_executes()
    {
        var thread = await Root.NewThreadAsync();
        var gate = Gates.New();
        var run = await Root.PostAsync($"/threads/{thread}/runs", Bodies.Gated(gate, ""","durability":"sync" """));
        await gate.EnteredAsync();

        var copy = (await Root.PostAsync($"/threads/{thread}/copy")).ShouldBeOk().Json;

        copy.Text("status").ShouldBe("interrupted");
        copy.GetProperty("values").Texts().ShouldBe(["go", "begun"]);
        gate.Open();
        (await Root.GetAsync(run.RunPath + "/join")).Json.Texts().ShouldBe(["go", "begun", "one two"]);
        (await Root.PostAsync($"/threads/{copy.Text("thread_id")}/runs/wait", """{"assistant_id":"gated","input":null}"""))
            .Json.Texts()
            .ShouldBe(["go", "begun", "one two"]);
    }

    [Fact]
    public async Task A_failure_is_not_copied_with_its_thread()
    {
        var thread = await Root.NewThreadAsync();
        await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Failing());

        var copy = (await Root.PostAsync($"/threads/{thread}/copy")).ShouldBeOk().Json;

        copy.GetProperty("error").ValueKind.ShouldBe(JsonValueKind.Null);
        copy.Text("status").ShouldBe("interrupted");
    }

    [Fact]
    public async Task What_is_not_there_cannot_be_copied()
    {
        var missing = NewId();
        (await Root.PostAsync($"/threads/{missing}/copy")).ShouldBe(HttpStatusCode.NotFound).Detail.ShouldContain(missing);
        (await Root.PostAsync($"/threads/{await Root.NewThreadAsync()}/copy")).ShouldBeOk().String("status").ShouldBe("idle");
    }

    private async Task<List<JsonElement>> HistoryAsync(string thread) =>
        [.. (await Root.PostAsync($"/threads/{thread}/history", """{"limit":100}""")).ShouldBeOk().Json.EnumerateArray()];
}
