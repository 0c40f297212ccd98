using System.Net;

namespace Weft.Server.Tests.Platform;

/// <summary>Streams of a part of a run: of some of its graphs, or from a state on that the client shows.</summary>
public sealed class StreamSelectionTests(SharedServer shared) : ServerTests(shared)
{
    private const string Outer =
        """{"assistant_id":"outer","input":{"trail":"in"},"stream_mode":["values","updates"],"stream_subgraphs":true}""";

    [Theory]
    [InlineData("", "")]
    [InlineData("?namespace=", "root")]
    [InlineData("?namespace=sub", "sub")]
    [InlineData("?namespace=&namespace=sub", "root sub")]
    [InlineData("?namespace=%5B%22%22,%22sub%22%5D", "root sub")]
    [InlineData("?namespace=other&namespace=sub%7Cinner", "none")]
    public async Task A_stream_has_the_events_of_the_graphs_that_are_asked_for(string query, string graphs)
    {
        var path = $"/threads/{await Root.NewThreadAsync()}/runs/stream";
        foreach (var (api, address) in ((Api, string)[])[(Root, path), (Root, "/runs/stream"), (Gateway, $"/threads/{NewId()}/runs/stream")])
        {
            using var stream = await api.StreamAsync(address + query, Outer);
            var frames = await stream.ToEndAsync();

            frames[0].Event.ShouldBe("metadata");
            frames[^1].Event.ShouldBe("end");
            frames[1..^1].Select(static frame => frame.Event.Contains('|', StringComparison.Ordinal) ? "sub" : "root")
                .Distinct().Order().ShouldBe((graphs == "" ? "root sub" : graphs).Split(' ').Where(static graph => graph != "none"));
        }
    }

    [Fact]
    public async Task A_join_names_a_graph_by_its_task()
    {
        using var stream = await Root.StreamAsync($"/threads/{await Root.NewThreadAsync()}/runs/stream", Outer);
        var all = await stream.ToEndAsync();
        var inside = all.First(static frame => frame.Event.StartsWith("updates|", StringComparison.Ordinal)).Event.Split('|', 2)[1];
        foreach (var (task, count) in ((string, int)[])[(inside, all.Count(frame => frame.Event.EndsWith(inside))), ($"sub:{NewId()}", 0)])
        {
            using var joined = await Root.JoinAsync($"{stream.Header("Location")}?namespace={task}", ("Last-Event-ID", "-1"));
            var frames = await joined.ToEndAsync();

            frames.Count.ShouldBe(count + 2);
            frames[1..^1].ShouldAllBe(frame => frame.Event.EndsWith("|" + inside));
        }
    }

    [Fact]
    public async Task Namespaces_that_are_wrong_are_refused_before_a_run_is_created()
    {
        var thread = await Root.NewThreadAsync();
        var tooMany = "?" + string.Join('&', Enumerable.Repeat("namespace=x", 101));
        foreach (var query in (string[])["?namespace=[1]", "?namespace=[", tooMany])
        {
            (await Root.PostAsync($"/threads/{thread}/runs/stream{query}", Outer))
                .ShouldBe(HttpStatusCode.UnprocessableEntity).Detail.ShouldStartWith("query.namespace: ");
        }

        (await Root.GetAsync($"/threads/{thread}/runs")).ShouldBeOk().Text.ShouldBe("[]");
    }

    [Theory]
    [InlineData("""["values"]""", false)]
    [InlineData("""["values","updates","checkpoints","debug"]""", false)]
    [InlineData("""["values","updates","checkpoints","debug"]""", true)]
    [InlineData("""["checkpoints"]""", false)]
    public async Task A_client_that_shows_a_state_gets_what_follows_it(string modes, bool isNextServer)
    {
        using var folder = new Recovery.TempFolder();
        var server = await TestServer.StartAsync(folder.Path);
        var thread = await server.Root.NewThreadAsync();
        await server.Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo("before"));
        var earlier = (await server.Root.GetAsync($"/threads/{thread}/state")).ShouldBeOk().Json.CheckpointId();
        var body = Bodies.Echo(more: $$""","stream_mode":{{modes}},"stream_resumable":true""");
        var run = (await server.Root.PostAsync($"/threads/{thread}/runs/wait", body)).ShouldBeOk();
        var path = run.RunPath + "/stream";
        if (isNextServer)
        {
            await server.StopAsync();
            server = await TestServer.StartAsync(folder.Path);
        }

        async Task<List<SseFrame>> JoinAsync(string query, params (string, string)[] headers)
        {
            using var stream = await server.Root.JoinAsync(path + query, headers);
            return await stream.ToEndAsync();
        }

        var all = await JoinAsync("", ("Last-Event-ID", "-1"));
        var history = await server.Root.PostAsync($"/threads/{thread}/history", $$$"""{"metadata":{"run_id":"{{{run.RunId}}}"}}""");
        string[] own = [.. history.ShouldBeOk().Json.EnumerateArray().Select(static state => state.CheckpointId())];
        var shown = all.Count;
        foreach (var id in own.Reverse())
        {
            var frames = await JoinAsync($"?checkpoint_id={id}", ("Last-Event-ID", "-1"));

            frames.ShouldBe(all[^frames.Count..]);
            frames.Count.ShouldBeLessThanOrEqualTo(shown);
            frames.Where(static frame => frame.Event == "checkpoints")
                .ShouldAllBe(frame => frame.Json.GetProperty("checkpoint").Text("checkpoint_id").CompareTo(id) > 0);
            (await JoinAsync($"?checkpoint_id={id}")).ShouldBe(frames);
            shown = frames.Count;
        }

        all.Count.ShouldBeGreaterThan(own.Length);
        (await JoinAsync($"?checkpoint_id={own[0]}")).ShouldHaveSingleItem().Event.ShouldBe("end");
        // None of this run's, and an event that the client has.
        (await JoinAsync($"?checkpoint_id={earlier}", ("Last-Event-ID", "-1"))).ShouldBe(all);
        (await JoinAsync($"?checkpoint_id={NewId()}", ("Last-Event-ID", "-1"))).ShouldBe(all);
        (await JoinAsync($"?checkpoint_id={own[0]}", ("Last-Event-ID", all[1].Id!))).ShouldBe(all[2..]);
        (await server.Root.GetAsync($"{path}?checkpoint_id=x"))
            .ShouldBe(HttpStatusCode.UnprocessableEntity).Detail.ShouldStartWith("query.checkpoint_id: ");
        await server.DisposeAsync();
    }

    [Fact]
    public async Task A_question_follows_the_state_in_which_it_is_asked_and_a_run_without_states_is_replayed()
    {
        var thread = await Root.NewThreadAsync();
        var asked = (await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Asking())).ShouldBeOk();
        var head = (await Root.GetAsync($"/threads/{thread}/state")).ShouldBeOk().Json.CheckpointId();
        using (var joined = await Root.JoinAsync($"{asked.RunPath}/stream?checkpoint_id={head}"))
        {
            (await joined.UntilAsync("values")).Json.GetProperty("__interrupt__").GetArrayLength().ShouldBe(1);
        }

        var silent = (await Root.PostAsync(
            $"/threads/{thread}/runs/wait", Bodies.Echo(more: ""","stream_mode":["updates"]"""))).ShouldBeOk();
        head = (await Root.GetAsync($"/threads/{thread}/state")).ShouldBeOk().Json.CheckpointId();
        using var whole = await Root.JoinAsync($"{silent.RunPath}/stream?checkpoint_id={head}");
        (await whole.ToEndAsync()).Select(static frame => frame.Event).Distinct().ShouldBe(["metadata", "updates", "end"]);
    }
}
