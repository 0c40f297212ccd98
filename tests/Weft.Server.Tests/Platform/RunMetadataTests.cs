using System.Text.Json;
using static Weft.Server.Tests.EventCalls;

namespace Weft.Server.Tests.Platform;

public sealed class RunMetadataTests(SharedServer shared) : ServerTests(shared)
{
    [Fact]
    public async Task A_run_its_checkpoints_and_its_messages_have_the_metadata_of_the_thread()
    {
        foreach (var api in (Api[])[Root, Gateway])
        {
            var owner = NewId();
            var thread = await NewThreadAsync($$$"""{"owner":"{{{owner}}}","deep":{"a":[1,null]}}""");

            using var stream = await api.StreamAsync(
                $"/threads/{thread}/runs/stream", Bodies.Echo(more: ""","stream_mode":["messages-tuple"]"""));
            var frames = await stream.ToEndAsync();

            frames.First(frame => frame.Event == "messages").Json[1].Text("owner").ShouldBe(owner);
            var run = (await api.GetAsync($"/threads/{thread}/runs")).ShouldBeOk().Json[0].GetProperty("metadata");
            run.Text("owner").ShouldBe(owner);
            run.GetProperty("deep").ShouldBeJson("""{"a":[1,null]}""");
            var state = (await api.GetAsync($"/threads/{thread}/state")).ShouldBeOk().Json.GetProperty("metadata");
            state.Text("owner").ShouldBe(owner);
            (await HistoryAsync(thread, $$"""{"owner":"{{owner}}"}""")).ShouldBe(3);
            (await HistoryAsync(thread, """{"owner":"another"}""")).ShouldBe(0);
        }
    }

    [Fact]
    public async Task The_later_of_assistant_thread_and_run_wins_and_the_ids_are_those_of_the_run()
    {
        const string Given = """{"graph_id":"echo","metadata":{"a":"assistant","b":"assistant","c":"assistant"}}""";
        var assistant = (await Root.PostAsync("/assistants", Given)).ShouldBeOk().String("assistant_id");
        var thread = await NewThreadAsync("""{"b":"thread","c":"thread","d":null,"graph_id":"asking","assistant_id":"none"}""");

        var body = $$$"""{"assistant_id":"{{{assistant}}}","input":{"messages":[]},"metadata":{"c":"run","e":"run"}}""";
        var path = (await Root.PostAsync($"/threads/{thread}/runs/wait", body)).ShouldBeOk().RunPath;

        (await MetadataAsync(path)).ShouldBeJson(
            $$$"""{"a":"assistant","b":"thread","d":null,"c":"run","e":"run","graph_id":"echo","assistant_id":"{{{assistant}}}"}""");
        (await Root.GetAsync($"/threads/{thread}")).Json.GetProperty("metadata").Text("b").ShouldBe("thread");
    }

    [Fact]
    public async Task A_run_has_the_metadata_that_its_thread_had_when_the_run_was_created()
    {
        var thread = await NewThreadAsync("""{"plan":"one"}""");
        var gate = Gates.New();
        var first = (await Root.PostAsync($"/threads/{thread}/runs", Bodies.Gated(gate))).ShouldBeOk();
        await gate.EnteredAsync();
        var queued = (await Root.PostAsync($"/threads/{thread}/runs", Bodies.Gated(gate))).ShouldBeOk();
        (await Root.PatchAsync($"/threads/{thread}", """{"metadata":{"plan":"two"}}""")).ShouldBeOk();
        var later = (await Root.PostAsync($"/threads/{thread}/runs", Bodies.Gated(gate))).ShouldBeOk();
        gate.Open();
        await Root.GetAsync($"{later.RunPath}/join");

        (await MetadataAsync(first.RunPath)).Text("plan").ShouldBe("one");
        (await MetadataAsync(queued.RunPath)).Text("plan").ShouldBe("one");
        (await MetadataAsync(later.RunPath)).Text("plan").ShouldBe("two");
        (await HistoryAsync(thread, """{"plan":"two"}""")).ShouldBe(4);
    }

    [Fact]
    public async Task Runs_of_the_second_protocol_have_it_too()
    {
        var thread = await NewThreadAsync("""{"owner":"ada"}""");

        await Root.SucceedAsync(thread, "run.start", """{"assistant_id":"asking","input":{"messages":[]}}""");
        await Root.ReplayAsync(thread);
        var asked = (await Root.GetAsync($"/threads/{thread}/state")).ShouldBeOk().Json.GetProperty("interrupts")[0].Text("id");
        await Root.SucceedAsync(
            thread, "input.respond", $$"""{"namespace":[],"interrupt_id":"{{asked}}","response":"red","metadata":{"by":"hand"} }""");

        var runs = (await Root.GetAsync($"/threads/{thread}/runs")).ShouldBeOk().Json.EnumerateArray().ToList();
        runs.Select(run => run.GetProperty("metadata").Text("owner")).ShouldBe(["ada", "ada"]);
    }

    [Fact]
    public async Task Large_metadata_stays_with_the_thread()
    {
        var many = string.Join(',', Enumerable.Range(0, 20).Select(i => $"\"many{i}\":\"{new string('m', 1_000)}\""));
        var thread = await NewThreadAsync(
            $$"""{"large":"{{new string('l', 1_023)}}","small":"{{new string('s', 1_022)}}",{{many}},"last":1}""");

        var path = (await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo())).ShouldBeOk().RunPath;

        var names = (await MetadataAsync(path)).Names().ToList();
        names.ShouldContain("small");
        names.ShouldContain("last");
        names.ShouldNotContain("large");
        names.Count(name => name.StartsWith("many", StringComparison.Ordinal)).ShouldBe(7);
        (await Root.GetAsync($"/threads/{thread}")).Json.GetProperty("metadata").Text("large").Length.ShouldBe(1_023);
    }

    [Fact]
    public async Task Metadata_about_one_run_stays_with_it()
    {
        var thread = NewId();
        const string Own = ""","if_not_exists":"create","metadata":{"cron_id":"c","cron_due":"d","a2a_task_id":"t","tag":"first"}""";
        var first = (await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo(more: Own))).ShouldBeOk().RunPath;
        var second = (await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo())).ShouldBeOk().RunPath;

        (await MetadataAsync(first)).Text("cron_id").ShouldBe("c");
        (await MetadataAsync(second)).Names().ShouldBe(["created_by", "tag", "graph_id", "assistant_id"], ignoreOrder: true);
    }

    [Fact]
    public async Task The_title_of_a_thread_stays_with_it()
    {
        var thread = await NewThreadAsync("""{"title":"Wool","owner":"ada"}""");
        var first = (await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo())).ShouldBeOk().RunPath;
        const string Own = ""","metadata":{"title":"of the run"}""";
        var second = (await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo(more: Own))).ShouldBeOk().RunPath;

        (await MetadataAsync(first)).Names().ShouldBe(["created_by", "owner", "graph_id", "assistant_id"], ignoreOrder: true);
        (await MetadataAsync(second)).Text("title").ShouldBe("of the run");
        (await Root.GetAsync($"/threads/{thread}")).Json.GetProperty("metadata").Text("title").ShouldBe("Wool");
    }

    private async Task<string> NewThreadAsync(string metadata) =>
        (await Root.PostAsync("/threads", $$"""{"metadata":{{metadata}}}""")).ShouldBeOk().String("thread_id");

    private async Task<JsonElement> MetadataAsync(string path) => (await Root.GetAsync(path)).ShouldBeOk().Json.GetProperty("metadata");

    private async Task<int> HistoryAsync(string thread, string metadata) =>
        (await Root.PostAsync($"/threads/{thread}/history", $$"""{"metadata":{{metadata}}}""")).ShouldBeOk().Json.GetArrayLength();
}
