namespace Weft.Server.Tests.Platform;

/// <summary>The modes beside those of <see cref="StreamTests"/>, over HTTP.</summary>
public sealed class StreamModeTests(SharedServer shared) : ServerTests(shared)
{
    [Fact]
    public async Task Messages_are_accumulated()
    {
        using var stream = await Root.StreamAsync("/runs/stream", Bodies.Gated(OpenGate(), ""","stream_mode":"messages" """));

        var frames = await stream.ToEndAsync();

        frames.Select(frame => frame.Event).ShouldBe([
            "metadata", "messages/complete", "messages/complete", "messages/metadata", "messages/partial",
            "messages/partial", "messages/complete", "end",
        ]);
        frames.Where(frame => frame.Event == "messages/partial")
            .Select(frame => frame.Json[0].Text("content"))
            .ShouldBe(["one", "one two"]);
        var last = frames[^2].Json[0];
        last.Text("type").ShouldBe("ai");
        last.Text("content").ShouldBe("one two");
        frames.Single(frame => frame.Event == "messages/metadata").Json.EnumerateObject().Single().Name.ShouldBe(last.Text("id"));
    }

    [Fact]
    public async Task Accumulated_messages_and_tuples_can_come_in_one_stream()
    {
        using var stream = await Root.StreamAsync(
            "/runs/stream", Bodies.Gated(OpenGate(), ""","stream_mode":["messages","messages-tuple"]"""));

        (await stream.ToEndAsync()).Select(frame => frame.Event).Distinct()
            .ShouldBe(["metadata", "messages", "messages/metadata", "messages/partial", "messages/complete", "end"], ignoreOrder: true);
    }

    [Theory]
    [InlineData("messages", "metadata messages/metadata messages/partial messages/complete end")]
    [InlineData("messages-tuple", "metadata messages end")]
    public async Task A_join_can_be_of_the_one_or_the_other(string mode, string expected)
    {
        using var stream = await Root.StreamAsync(
            $"/threads/{await Root.NewThreadAsync()}/runs/stream",
            Bodies.Gated(OpenGate(), ""","stream_mode":["messages","messages-tuple","values"]"""));
        await stream.ToEndAsync();

        using var joined = await Root.JoinAsync($"{stream.Header("Location")}?stream_mode={mode}", ("Last-Event-ID", "-1"));

        (await joined.ToEndAsync()).Select(frame => frame.Event).Distinct().ShouldBe(expected.Split(' '), ignoreOrder: true);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    public async Task No_mode_means_the_default_modes_of_the_mount(string modes)
    {
        var extra = $$""","stream_mode":{{modes}}""";
        using var root = await Root.StreamAsync("/runs/stream", Bodies.Gated(OpenGate(), extra));
        using var stateless = await Gateway.StreamAsync("/threads/runs/stream", Bodies.Gated(OpenGate(), extra));
        using var gateway = await Gateway.StreamAsync($"/threads/{NewId()}/runs/stream", Bodies.Gated(OpenGate(), extra));

        (await root.ToEndAsync()).Select(frame => frame.Event).Distinct().ShouldBe(["metadata", "values", "end"]);
        (await stateless.ToEndAsync())
            .Select(frame => frame.Event)
            .Distinct()
            .ShouldBe(["metadata", "values", "messages", "end"], ignoreOrder: true);
        (await gateway.ToEndAsync())
            .Select(frame => frame.Event)
            .Distinct()
            .ShouldBe(["metadata", "values", "messages", "end"], ignoreOrder: true);
    }

    [Fact]
    public async Task Below_api_messages_means_tuples_when_joining_too()
    {
        using var stream = await Gateway.StreamAsync(
            $"/threads/{NewId()}/runs/stream", Bodies.Gated(OpenGate(), ""","stream_mode":["messages","values"]"""));
        await stream.ToEndAsync();

        using var joined = await Gateway.JoinAsync(
            $"/threads/{stream.Ids().ThreadId}/runs/{stream.Ids().RunId}/stream?stream_mode=messages");

        (await joined.ToEndAsync()).Select(frame => frame.Event).Distinct().ShouldBe(["metadata", "messages", "end"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Events_are_told_from_the_start_of_the_run_to_its_end(bool belowApi)
    {
        var api = belowApi ? Gateway : Root;
        using var stream = await api.StreamAsync(
            $"/threads/{await Root.NewThreadAsync()}/runs/stream",
            Bodies.Echo(more: ""","stream_mode":"events","config":{"tags":["mine"]}"""));

        var frames = await stream.ToEndAsync();

        frames.Select(frame => frame.Event).Distinct().ShouldBe(["metadata", "events", "end"]);
        var events = frames.Where(frame => frame.Event == "events").Select(frame => frame.Json).ToList();
        events.Select(told => $"{told.Text("event")} {told.Text("name")}").ShouldBe([
            "on_chain_start LangGraph", "on_chain_start answer", "on_chain_end answer", "on_chain_end LangGraph",
        ]);
        events.Select(told => told.GetProperty("tags").GetRawText()).Distinct().ShouldBe(["""["mine"]""", """["graph:step:1","mine"]"""]);
        events[0].Text("run_id").ShouldBe(stream.Ids().RunId);
        events[0].GetProperty("metadata").Text("thread_id").ShouldBe(stream.Ids().ThreadId);
        events[1].GetProperty("parent_ids")[0].GetString().ShouldBe(stream.Ids().RunId);
        events[1].GetProperty("metadata").Text("langgraph_node").ShouldBe("answer");
    }

    [Fact]
    public async Task What_fails_does_not_end_but_the_stream_does()
    {
        using var stream = await Root.StreamAsync("/runs/stream", Bodies.Failing(more: ""","stream_mode":["events","messages","tools"]"""));

        var frames = await stream.ToEndAsync();

        frames.Select(frame => frame.Event).ShouldBe(["metadata", "events", "events", "error", "end"]);
        frames[2].Json.Text("event").ShouldBe("on_chain_start");
    }

    [Theory]
    [InlineData("values", "values")]
    [InlineData("updates", "updates")]
    [InlineData("messages-tuple", "messages")]
    [InlineData("custom", "custom")]
    [InlineData("tasks", "tasks")]
    [InlineData("checkpoints", "checkpoints")]
    public async Task A_background_run_that_named_no_mode_can_be_joined_in_any_that_is_recorded(string mode, string expected)
    {
        var run = await Root.PostAsync($"/threads/{await Root.NewThreadAsync()}/runs", Bodies.Gated(OpenGate()));

        using var joined = await Root.JoinAsync($"{run.RunPath}/stream?stream_mode={mode}");

        (await joined.ToEndAsync()).Select(frame => frame.Event).Distinct().ShouldBe(["metadata", expected, "end"]);
    }

    private Gate OpenGate()
    {
        var gate = Gates.New();
        gate.Open();
        return gate;
    }
}
