using System.Net;
using System.Text.Json;

namespace Weft.Server.Tests.Platform;

/// <summary>The kept events of a run (docs/protocol/runs.md B13).</summary>
public sealed class RunEventListTests(SharedServer shared) : ServerTests(shared)
{
    private const string Modes = ""","stream_mode":["values","updates","custom","messages-tuple"] """;

    [Theory]
    [InlineData("")]
    [InlineData("""
        ,"stream_resumable":true
        """)]
    public async Task The_events_are_those_of_the_stream_in_pages(string more)
    {
        using var stream = await Root.StreamAsync(
            $"/threads/{await Root.NewThreadAsync()}/runs/stream", Bodies.Echo(more: Modes.Trim() + more.Trim()));
        var frames = await stream.ToEndAsync();
        var path = PathOf(stream);

        var all = (await Root.GetAsync(path)).ShouldBeOk().Json;
        all.Names().ShouldBe(["events", "next", "kept_from"]);
        var events = all.GetProperty("events").EnumerateArray().ToList();
        events.ConvertAll(read => $"{read.GetProperty("id")} {read.Text("event")} {read.GetProperty("data").GetRawText()}")
            .ShouldBe(frames.ConvertAll(frame => $"{frame.Id} {frame.Event} {frame.Data}"));
        events[0].Names().ShouldBe(["id", "seq", "event", "data", "at"]);
        (all.GetProperty("next").ValueKind, all.GetProperty("kept_from").GetInt64()).ShouldBe((JsonValueKind.Null, 0));

        var paged = new List<string>();
        long? after = -1;
        while (after is not null)
        {
            var page = (await Root.GetAsync($"{path}?limit=2&after={after}")).ShouldBeOk().Json;
            page.GetProperty("events").GetArrayLength().ShouldBeInRange(1, 2);
            paged.AddRange(page.GetProperty("events").EnumerateArray().Select(read => read.GetProperty("id").ToString()));
            after = page.GetProperty("next") is { ValueKind: JsonValueKind.Number } next ? next.GetInt64() : null;
        }

        paged.ShouldBe(frames.ConvertAll(frame => frame.Id!));
        (await Root.GetAsync($"{path}?after={frames[^1].Id}")).Json.GetProperty("events").GetArrayLength().ShouldBe(0);
        (await Root.GetAsync($"{path}?after={long.MaxValue}")).Json.GetProperty("events").GetArrayLength().ShouldBe(0);
        (await Gateway.GetAsync(path)).ShouldBeOk().Text.ShouldBe((await Root.GetAsync(path)).Text);
    }

    [Fact]
    public async Task Each_event_has_a_number_that_rises_over_the_runs_of_its_thread_and_survives_a_restart()
    {
        var folder = Directory.CreateTempSubdirectory("weft-events-").FullName;
        const string More = ",\"stream_resumable\":true,\"stream_mode\":[\"values\",\"messages-tuple\"]";
        string[] runs;
        long[] before;
        await using (var server = await TestServer.StartAsync(folder))
        {
            var path = $"/threads/{await server.Root.NewThreadAsync()}/runs/wait";
            runs = [
                (await server.Root.PostAsync(path, Bodies.Echo(more: More))).RunPath,
                (await server.Root.PostAsync(path, Bodies.Failing(more: More))).RunPath,
                (await server.Root.PostAsync(path, Bodies.Echo(more: More))).RunPath];
            before = await NumbersAsync(server, runs);
        }

        before.ShouldBe(before.Order());
        before.Distinct().Count().ShouldBe(before.Length);
        before.Length.ShouldBeGreaterThan(6);
        await using (var server = await TestServer.StartAsync(folder))
        {
            (await NumbersAsync(server, runs)).ShouldBe(before);
        }

        Directory.Delete(folder, recursive: true);
    }

    private static async Task<long[]> NumbersAsync(TestServer server, IEnumerable<string> runs)
    {
        var numbers = new List<long>();
        foreach (var run in runs)
        {
            var events = (await server.Root.GetAsync($"/weft{run}/events")).ShouldBeOk().Json.GetProperty("events");
            numbers.AddRange(events.EnumerateArray().Select(read => read.GetProperty("seq").GetInt64()));
        }

        return [.. numbers];
    }

    [Fact]
    public async Task The_events_of_a_run_that_executes_are_those_until_now()
    {
        var gate = Gates.New();
        var run = (await Root.PostAsync($"/threads/{await Root.NewThreadAsync()}/runs", Bodies.Gated(gate))).ShouldBeOk();
        await gate.EnteredAsync();

        var events = (await Root.GetAsync($"/weft{run.RunPath}/events")).ShouldBeOk().Json.GetProperty("events");

        events[0].Text("event").ShouldBe("metadata");
        events.EnumerateArray().ShouldNotContain(read => read.Text("event") == "end");
        gate.Open();
        // It does not count as a reader, so that a join without a position gets everything.
        using var stream = await Root.JoinAsync(run.RunPath + "/stream");
        (await stream.NextAsync())!.Event.ShouldBe("metadata");
    }

    [Fact]
    public async Task Stored_events_are_listed_after_a_restart_and_others_are_gone()
    {
        var folder = Directory.CreateTempSubdirectory("weft-events-").FullName;
        string resumable, other, before;
        await using (var server = await TestServer.StartAsync(folder))
        {
            var runs = $"/threads/{await server.Root.NewThreadAsync()}/runs/wait";
            resumable = (await server.Root.PostAsync(runs, Bodies.Echo(more: ",\"stream_resumable\":true"))).RunPath;
            other = (await server.Root.PostAsync(runs, Bodies.Echo())).RunPath;
            before = EventsOf(await server.Root.GetAsync($"/weft{resumable}/events"));
        }

        await using (var server = await TestServer.StartAsync(folder))
        {
            EventsOf(await server.Root.GetAsync($"/weft{resumable}/events")).ShouldBe(before);
            var kept = (await server.Root.GetAsync($"/weft{other}/events")).ShouldBeOk().Json;
            // Only the end is known, from the row of the run.
            kept.GetProperty("events")[0].Text("event").ShouldBe("end");
            kept.GetProperty("kept_from").GetInt64().ShouldBe(kept.GetProperty("events")[0].GetProperty("id").GetInt64());
        }

        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("?limit=0", "limit")]
    [InlineData("?limit=1001", "limit")]
    [InlineData("?limit=a", "limit")]
    [InlineData("?after=-2", "after")]
    [InlineData("?after=1.5", "after")]
    [InlineData("?after=x", "after")]
    public async Task A_wrong_query_is_refused(string query, string field)
    {
        var run = (await Root.PostAsync($"/threads/{await Root.NewThreadAsync()}/runs/wait", Bodies.Echo())).RunPath;

        (await Root.GetAsync($"/weft{run}/events{query}")).ShouldBe(HttpStatusCode.UnprocessableEntity).Detail.ShouldContain(field);
    }

    [Fact]
    public async Task A_run_that_does_not_exist_has_no_events()
    {
        var run = (await Root.PostAsync($"/threads/{await Root.NewThreadAsync()}/runs/wait", Bodies.Echo())).RunPath;

        (await Root.GetAsync($"/weft/threads/{NewId()}/runs/{run.Split('/')[^1]}/events")).ShouldBe(HttpStatusCode.NotFound);
        (await Root.GetAsync($"/weft/threads/{run.Split('/')[2]}/runs/{NewId()}/events")).ShouldBe(HttpStatusCode.NotFound);
        (await Root.GetAsync($"/weft/threads/{NewId()}/runs/x/events")).ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    private static string EventsOf(Answer answer) => string.Join(
        '\n',
        answer.ShouldBeOk().Json.GetProperty("events").EnumerateArray()
            .Select(read => $"{read.GetProperty("id")} {read.Text("event")} {read.GetProperty("data").GetRawText()}"));

    private static string PathOf(SseStream stream)
    {
        var (threadId, runId) = stream.Ids();
        return $"/weft/threads/{threadId}/runs/{runId}/events";
    }
}
