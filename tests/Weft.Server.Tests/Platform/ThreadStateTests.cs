using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Weft.Server.Tests.Platform;

public sealed class ThreadStateTests(SharedServer shared) : ServerTests(shared)
{
    [Fact]
    public async Task Only_what_is_selected_is_answered()
    {
        var thread = await Root.NewThreadAsync();
        var run = (await Root.PostAsync($"/threads/{thread}/runs/wait", """{"assistant_id":"configured","input":{}}""")).ShouldBeOk();
        var whole = (await Root.GetAsync($"/threads/{thread}/state")).ShouldBeOk().Json;
        var key = whole.GetProperty("values").EnumerateObject().First();

        (await Root.GetAsync($"/threads/{thread}/state?select=next&select=checkpoint")).ShouldBeOk().Json
            .ShouldBeJson($$"""{"next":[],"checkpoint":{{whole.GetProperty("checkpoint").GetRawText()}}}""");
        (await Root.GetAsync($"/threads/{thread}/state/{whole.CheckpointId()}?select=values.{key.Name},values.none")).ShouldBeOk().Json
            .ShouldBeJson("{\"values\":{\"" + key.Name + "\":" + key.Value.GetRawText() + "}}");
        (await Root.PostAsync($"/threads/{thread}/state/checkpoint", """{"select":["values","values.none"]}""")).ShouldBeOk().Json
            .ShouldBeJson("{\"values\":" + whole.GetProperty("values").GetRawText() + "}");
        (await Root.PostAsync($"/threads/{thread}/history", """{"limit":1,"select":["next"]}"""))
            .ShouldBeOk()
            .Json.ShouldBeJson("""[{"next":[]}]""");
        (await Root.GetAsync($"/threads/{thread}/runs?select=status,thread_id"))
            .ShouldBeOk()
            .Json.ShouldBeJson($$"""[{"thread_id":"{{thread}}","status":"success"}]""");
        (await Root.PostAsync("/assistants/search", """{"graph_id":"configured","select":["graph_id"]}"""))
            .ShouldBeOk()
            .Json.ShouldBeJson("""[{"graph_id":"configured"}]""");
        // Whole runs are listed, whatever else is asked for (docs/protocol/gateway.md H1).
        (await Gateway.GetAsync($"/threads/{thread}/runs?select=zzz")).ShouldBeOk().Json[0].Text("run_id").ShouldBe(run.RunPath[^36..]);
    }

    [Theory]
    [InlineData("/state?select=zzz")]
    [InlineData("/state?select=checkpoint_id")]
    [InlineData("/history?select=next&select=zzz")]
    [InlineData("/runs?select=values")]
    public async Task What_can_not_be_selected_is_refused(string path) =>
        (await Root.GetAsync($"/threads/{await Root.NewThreadAsync()}{path}"))
            .ShouldBe(HttpStatusCode.UnprocessableEntity)
            .Detail.ShouldStartWith("query.select: '");

    [Theory]
    [InlineData("/state", """{"checkpoint":5}""", "checkpoint: ")]
    [InlineData("/state", """{"values":[5]}""", "values: ")]
    [InlineData("/history", """{"checkpoint":5}""", "checkpoint: ")]
    [InlineData("/state/checkpoint", """{"checkpoint":5}""", "checkpoint: ")]
    [InlineData("/state/checkpoint", """{"select":["zzz"]}""", "select: ")]
    public async Task An_error_names_its_field(string path, string body, string field)
    {
        var thread = await Root.NewThreadAsync();
        (await Root.PostAsync($"/threads/{thread}/runs/wait", """{"assistant_id":"configured","input":{}}""")).ShouldBeOk();

        (await Root.PostAsync($"/threads/{thread}{path}", body)).ShouldBe(HttpStatusCode.UnprocessableEntity).Detail.ShouldStartWith(field);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/api")]
    public async Task Metadata_is_merged_into_that_of_the_newest_checkpoint_and_nothing_else_changes(string mount)
    {
        var thread = await Root.NewThreadAsync();
        await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Asking());
        var before = (await Root.GetAsync($"/threads/{thread}/state")).ShouldBeOk().Json;
        const string patch = """
            {"metadata":{"rating":5,"by":{"name":"ada"},"none":null,"source":"forged","step":99,"parents":{"":"x"},"run_id":"x",
             "thread_id":"x","graph_id":"x","assistant_id":"x","run_attempt":7}}
            """;

        (await Root.PatchAsync($"{mount}/threads/{thread}/state", patch)).ShouldBe(HttpStatusCode.NoContent).Text.ShouldBeEmpty();
        (await Root.PatchAsync($"{mount}/threads/{thread}/state", """{"metadata":{"rating":4}}""")).ShouldBe(HttpStatusCode.NoContent);
        (await Root.PatchAsync($"{mount}/threads/{thread}/state", "{}")).ShouldBe(HttpStatusCode.NoContent);

        var after = (await Root.GetAsync($"/threads/{thread}/state")).ShouldBeOk().Json;
        var metadata = JsonNode.Parse(before.GetProperty("metadata").GetRawText())!.AsObject();
        metadata["rating"] = 4;
        metadata["by"] = JsonNode.Parse("""{"name":"ada"}""");
        metadata["none"] = null;
        after.GetProperty("metadata").ShouldBeJson(metadata.ToJsonString());
        var expected = JsonNode.Parse(before.GetRawText())!.AsObject();
        expected["metadata"] = metadata;
        after.ShouldBeJson(expected.ToJsonString());
        (await Root.PostAsync($"/threads/{thread}/history", """{"metadata":{"rating":4}}"""))
            .ShouldBeOk().Json.GetArrayLength().ShouldBe(1);

        // The question is still open.
        (await Root.PostAsync($"/threads/{thread}/runs/wait", """{"assistant_id":"asking","command":{"resume":"red"}}"""))
            .ShouldBeOk().Json.Texts().ShouldBe(["you chose red"]);
        (await Root.GetAsync($"/threads/{thread}/state")).Json.GetProperty("metadata").TryGetProperty("rating", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Metadata_of_a_state_is_patched_only_where_there_is_one_that_no_run_changes()
    {
        const string patch = """{"metadata":{"a":1}}""";
        (await Root.PatchAsync($"/threads/{NewId()}/state", patch)).ShouldBe(HttpStatusCode.NotFound);
        var thread = await Root.NewThreadAsync();
        (await Root.PatchAsync($"/threads/{thread}/state", patch)).ShouldBe(HttpStatusCode.NotFound).Detail.ShouldContain("no checkpoint");
        (await Root.PatchAsync($"/threads/{thread}/state", """{"metadata":[1]}"""))
            .ShouldBe(HttpStatusCode.UnprocessableEntity).Detail.ShouldStartWith("metadata: ");
        var gate = Gates.New();
        var run = (await Root.PostAsync($"/threads/{thread}/runs", Bodies.Gated(gate))).ShouldBeOk();
        await gate.EnteredAsync();
        (await Root.PatchAsync($"/threads/{thread}/state", patch)).ShouldBe(HttpStatusCode.Conflict);
        gate.Open();
        (await Root.GetAsync(run.RunPath + "/join")).ShouldBeOk();

        var large = $$$"""{"metadata":{"text":"{{{new string('x', 200_000)}}}"}}""";
        (await Root.PatchAsync($"/threads/{thread}/state", large)).ShouldBe(HttpStatusCode.NoContent);
        var larger = large.Replace("text", "more", StringComparison.Ordinal);
        (await Root.PatchAsync($"/threads/{thread}/state", larger))
            .ShouldBe(HttpStatusCode.UnprocessableEntity).Detail.ShouldStartWith("metadata: ");
        (await Root.PatchAsync($"/threads/{thread}/state", large)).ShouldBe(HttpStatusCode.NoContent);
    }

    /// <summary>Clients compare them to find the state that an event or a child is of.</summary>
    [Fact]
    public async Task A_checkpoint_is_the_same_wherever_it_is_shown()
    {
        var thread = await Root.NewThreadAsync();
        using var stream = await Root.StreamAsync(
            $"/threads/{thread}/runs/stream", """{"assistant_id":"nested","input":{},"stream_mode":["debug","checkpoints"]}""");
        var events = (await stream.ToEndAsync()).Select(frame => frame.Json).ToList();
        JsonElement[] ofEvents =
        [
            .. events
                .Where(data => data.TryGetProperty("payload", out var payload) && payload.TryGetProperty("checkpoint", out _))
                .Select(data => data.GetProperty("payload").GetProperty("checkpoint")),
            .. events.Where(data => data.TryGetProperty("checkpoint", out _)).Select(data => data.GetProperty("checkpoint")),
        ];
        var history = (await Root.PostAsync($"/threads/{thread}/history", "{}")).ShouldBeOk().Json.EnumerateArray().ToList();
        var inside = (await Root.GetAsync($"/threads/{thread}/state?subgraphs=true"))
            .ShouldBeOk()
            .Json.GetProperty("tasks")[0]
            .GetProperty("state");

        ofEvents.Length.ShouldBe(2 * history.Count);
        for (var i = 0; i < history.Count; i++)
        {
            var checkpoint = history[i].GetProperty("checkpoint");
            ofEvents.Count(shown => JsonElement.DeepEquals(shown, checkpoint)).ShouldBe(2);
            (i == 0 || JsonElement.DeepEquals(history[i - 1].GetProperty("parent_checkpoint"), checkpoint)).ShouldBeTrue();
        }

        foreach (var state in (JsonElement[])[history[0], inside, (await Root.GetAsync($"/threads/{await Root.NewThreadAsync()}/state")).Json])
        {
            state.Names().ShouldBe(["values", "next", "tasks", "metadata", "created_at", "checkpoint", "parent_checkpoint", "interrupts"]);
        }

        foreach (var state in (JsonElement[])[history[0], inside])
        {
            state.GetProperty("checkpoint").Names().ShouldBe(["thread_id", "checkpoint_ns", "checkpoint_id", "checkpoint_map"]);
        }
    }

    [Fact]
    public async Task A_thread_that_never_ran_has_an_empty_state()
    {
        var thread = await Root.NewThreadAsync();

        var state = (await Root.GetAsync($"/threads/{thread}/state")).ShouldBeOk().Json;

        state.GetProperty("values").ShouldBeJson("{}");
        state.GetProperty("next").ShouldBeJson("[]");
        state.GetProperty("tasks").ShouldBeJson("[]");
        state.GetProperty("checkpoint").ValueKind.ShouldBe(JsonValueKind.Null);
        (await Root.PostAsync($"/threads/{thread}/history", "{}")).ShouldBeOk().Text.ShouldBe("[]");
    }

    [Fact]
    public async Task An_unknown_threads_state_is_not_found()
    {
        (await Root.GetAsync($"/threads/{NewId()}/state")).ShouldBe(HttpStatusCode.NotFound);
        (await Root.PostAsync($"/threads/{NewId()}/history", "{}")).ShouldBe(HttpStatusCode.NotFound);
        (await Root.PostAsync($"/threads/{NewId()}/state", """{"values":{}}""")).ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task History_has_a_state_for_every_step_newest_first()
    {
        var (thread, run) = await EchoAsync();

        var history = (await Root.PostAsync($"/threads/{thread}/history", """{"limit":10}""")).ShouldBeOk().Json.EnumerateArray().ToList();

        history.Select(state => state.GetProperty("metadata").GetProperty("step").GetInt32()).ShouldBe([1, 0, -1]);
        history.Select(state => string.Join(',', state.GetProperty("next").Strings())).ShouldBe(["", "answer", "__start__"]);
        history.Select(state => state.GetProperty("metadata").Text("source")).ShouldBe(["loop", "loop", "input"]);
        history.Select(state => state.CheckpointId())
            .ShouldBe(history.Select(state => state.CheckpointId()).OrderDescending(StringComparer.Ordinal));
        for (var i = 0; i < 2; i++)
        {
            history[i].ParentId().ShouldBe(history[i + 1].CheckpointId());
        }

        history[2].GetProperty("parent_checkpoint").ValueKind.ShouldBe(JsonValueKind.Null);
        history[0].GetProperty("metadata").Text("run_id").ShouldBe(run);
        history[0].GetProperty("values").Texts().ShouldBe(["hi", "echo: hi"]);
        history[1].GetProperty("values").Texts().ShouldBe(["hi"]);
        history[1].GetProperty("tasks")[0].Text("name").ShouldBe("answer");
    }

    [Fact]
    public async Task History_pages_and_filters()
    {
        var (thread, _) = await EchoAsync();
        var all = (await Root.GetAsync($"/threads/{thread}/history?limit=10")).ShouldBeOk().Json;
        var ids = all.EnumerateArray().Select(state => state.CheckpointId()).ToList();

        async Task<string[]> HistoryAsync(string body) =>
            [
                .. (await Root.PostAsync($"/threads/{thread}/history", body))
                    .ShouldBeOk()
                    .Json.EnumerateArray()
                    .Select(state => state.CheckpointId()),
            ];

        (await HistoryAsync("""{"limit":1}""")).ShouldBe(ids[..1]);
        (await HistoryAsync($$"""{"before":"{{ids[0]}}"}""")).ShouldBe(ids[1..]);
        (await HistoryAsync($$$"""{"before":{"checkpoint_id":"{{{ids[1]}}}"}}""")).ShouldBe(ids[2..]);
        (await HistoryAsync($$$$"""{"before":{"configurable":{"checkpoint_id":"{{{{ids[1]}}}}"}}}""")).ShouldBe(ids[2..]);
        (await HistoryAsync("""{"metadata":{"source":"input"}}""")).ShouldBe(ids[2..]);
        (await HistoryAsync($$$"""{"checkpoint":{"checkpoint_id":"{{{ids[1]}}}"}}""")).ShouldBe(ids[1..2]);
    }

    [Fact]
    public async Task A_past_state_is_read_by_its_checkpoint()
    {
        var (thread, _) = await EchoAsync();
        var past = (await Root.GetAsync($"/threads/{thread}/history")).Json[1];
        var id = past.CheckpointId();

        (await Root.GetAsync($"/threads/{thread}/state/{id}")).ShouldBeOk().Json.GetProperty("values").Texts().ShouldBe(["hi"]);
        (await Root.PostAsync($"/threads/{thread}/state/checkpoint", $$"""{"checkpoint":{{past.GetProperty("checkpoint").GetRawText()}}}"""))
            .ShouldBeOk()
            .Json.GetProperty("values")
            .Texts()
            .ShouldBe(["hi"]);
        (await Root.GetAsync($"/threads/{thread}/state/1f0a7c22-3b4c-6d5e-8001-9a8b7c6d5e4f")).ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task An_edit_goes_through_the_reducers_as_its_node()
    {
        var (thread, _) = await EchoAsync();
        var before = (await Root.GetAsync($"/threads/{thread}/state")).Json.CheckpointId();

        var edited = (await Root.PostAsync($"/threads/{thread}/state", """{"values":{"messages":[{"role":"ai","content":"edited"}]},"as_node":"answer"}"""))
            .ShouldBeOk().Json;

        edited.CheckpointId().ShouldBe(edited.GetProperty("configurable").Text("checkpoint_id"));
        var state = (await Root.GetAsync($"/threads/{thread}/state")).Json;
        state.CheckpointId().ShouldBe(edited.CheckpointId());
        state.ParentId().ShouldBe(before);
        state.GetProperty("values").Texts().ShouldBe(["hi", "echo: hi", "edited"]);
        state.GetProperty("metadata").Text("source").ShouldBe("update");
        state.GetProperty("next").GetArrayLength().ShouldBe(0);
        (await Root.GetAsync($"/threads/{thread}")).Json.GetProperty("values").Texts().ShouldBe(["hi", "echo: hi", "edited"]);
    }

    [Fact]
    public async Task An_edit_can_answer_in_place_of_the_node_that_asked()
    {
        var thread = await Root.NewThreadAsync();
        await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Asking());

        await Root.PostAsync($"/threads/{thread}/state", """{"values":{"answer":"edited"},"as_node":"ask"}""");

        (await Root.GetAsync($"/threads/{thread}/state")).Json.GetProperty("next").Strings().ShouldBe(["confirm"]);
        (await Root.PostAsync($"/threads/{thread}/runs/wait", """{"assistant_id":"asking","input":null}"""))
            .Json.Texts()
            .ShouldBe(["you chose edited"]);
    }

    [Fact]
    public async Task An_edit_of_a_past_state_makes_a_branch()
    {
        var (thread, _) = await EchoAsync();
        var past = (await Root.GetAsync($"/threads/{thread}/history")).Json[1].CheckpointId();

        (await Root.PostAsync($"/threads/{thread}/state", $$$"""{"values":{"title":"branch"},"as_node":"answer","checkpoint_id":"{{{past}}}"}"""))
            .ShouldBeOk();

        var state = (await Root.GetAsync($"/threads/{thread}/state")).Json;
        state.ParentId().ShouldBe(past);
        state.GetProperty("values").Texts().ShouldBe(["hi"]);
        state.GetProperty("values").Text("title").ShouldBe("branch");
    }

    [Theory]
    [InlineData("""{"values":{"title":"x"},"as_node":"nobody"}""", 422)]
    [InlineData("""{"values":"x"}""", 422)]
    [InlineData("""{"values":{"title":{"not":"text"}},"as_node":"answer"}""", 422)]
    [InlineData("""{"values":{"title":"x"},"as_node":"answer","checkpoint_id":"1f0a7c22-3b4c-6d5e-8001-9a8b7c6d5e4f"}""", 404)]
    public async Task A_wrong_edit_is_refused(string body, int status)
    {
        var (thread, _) = await EchoAsync();

        (await Root.PostAsync($"/threads/{thread}/state", body)).ShouldBe((HttpStatusCode)status);
    }

    [Fact]
    public async Task A_state_is_not_edited_while_a_run_is_there()
    {
        var thread = await Root.NewThreadAsync();
        var gate = Gates.New();
        await Root.PostAsync($"/threads/{thread}/runs", Bodies.Gated(gate));
        await gate.EnteredAsync();

        (await Root.PostAsync($"/threads/{thread}/state", """{"values":{"messages":"x"},"as_node":"begin"}"""))
            .ShouldBe(HttpStatusCode.Conflict);

        gate.Open();
    }

    [Fact]
    public async Task A_thread_that_never_ran_can_not_be_edited() =>
        (await Root.PostAsync($"/threads/{await Root.NewThreadAsync()}/state", """{"values":{"title":"x"}}"""))
            .ShouldBe(HttpStatusCode.BadRequest);

    private async Task<(string Thread, string Run)> EchoAsync()
    {
        var thread = await Root.NewThreadAsync();
        return (thread, (await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo())).RunId);
    }
}
