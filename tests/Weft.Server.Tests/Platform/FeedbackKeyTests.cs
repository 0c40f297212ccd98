using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;

namespace Weft.Server.Tests.Platform;

/// <summary>The event <c>feedback</c> and its URLs (docs/protocol/feedback.md B12).</summary>
public sealed class FeedbackKeyTests(SharedServer shared) : ServerTests(shared)
{
    private const string Keys = ""","feedback_keys":["user_liked","ü/?","user_liked"]""";

    [Theory]
    [InlineData("", true, "end")]
    [InlineData("", false, "end")]
    [InlineData("/api", true, "end")]
    [InlineData("/api", false, "end")]
    [InlineData("/api/threads", false, "end")]
    public async Task The_event_before_the_end_has_a_url_for_each_key(string mount, bool hasThread, string last)
    {
        var runs = hasThread ? $"{mount}/threads/{await Root.NewThreadAsync()}/runs" : mount + "/runs";
        using var stream = await Root.StreamAsync(runs + "/stream", Bodies.Echo(more: Keys));

        var frames = await stream.ToEndAsync();

        frames[^1].Event.ShouldBe(last);
        (frames[^2].Event, frames[^2].Id).ShouldBe(("feedback", null));
        frames.Count(frame => frame.Event == "feedback").ShouldBe(1);
        frames[^2].Json.Names().ShouldBe(["user_liked", "ü/?"]);
        var prefix = mount.StartsWith("/api", StringComparison.Ordinal) ? "/api" : "";
        var url = frames[^2].Json.Text("ü/?");
        url.ShouldStartWith($"{Root.BaseAddress.GetLeftPart(UriPartial.Authority)}{prefix}/feedback/tokens/");

        (await PostAsync(url, """{"score":0.5,"comment":"good"}""")).ShouldBe(HttpStatusCode.NoContent);
        var (threadId, runId) = hasThread ? stream.Ids() : ("", stream.Ids().RunId);
        threadId = hasThread ? threadId : stream.Header("Location")!.Split('/')[2];
        var given = (await Root.GetAsync($"/weft/threads/{threadId}/runs/{runId}/feedback")).ShouldBeOk().Json[0];
        given.Names().ShouldBe(
        [
            "feedback_id", "run_id", "thread_id", "owner_id", "key", "score", "value", "comment", "correction", "metadata", "message_id",
            "created_at",
        ]);
        (given.Text("key"), given.GetProperty("score").GetDouble(), given.Text("comment")).ShouldBe(("ü/?", 0.5, "good"));
        given.Text("run_id").ShouldBe(runId);
    }

    [Fact]
    public async Task A_later_score_replaces_the_first_one_and_ratings_are_apart()
    {
        var (url, run) = await RunAsync();
        await PostAsync(url, """{"score":true,"value":{"a":[1]},"correction":"x","metadata":{"by":"me"}}""");
        var list = (await Root.GetAsync($"/weft{run}/feedback")).ShouldBeOk();
        list.Text.ShouldContain("""
            "score":1,"value":{"a":[1]},"comment":null,"correction":"x","metadata":{"by":"me"}
            """.Trim());

        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => PostAsync(url, """{"score":-3}""")));
        await PostAsync(url, "{}");
        (await Gateway.PostAsync(run + "/feedback", """{"rating":-1}""")).ShouldBeOk();

        var both = (await Root.GetAsync($"/weft{run}/feedback")).ShouldBeOk().Json;
        both.GetArrayLength().ShouldBe(2);
        both[0].GetProperty("score").ValueKind.ShouldBe(JsonValueKind.Null);
        (both[1].GetProperty("key").ValueKind, both[1].GetProperty("score").GetInt32()).ShouldBe((JsonValueKind.Null, -1));
        (await Gateway.GetAsync(run + "/feedback")).Json.GetArrayLength().ShouldBe(1);
        (await Gateway.GetAsync(run + "/feedback/stats")).Text.ShouldContain("\"total\":1");
    }

    [Fact]
    public async Task Streams_that_are_joined_later_have_the_event_with_the_same_urls()
    {
        var thread = await Root.NewThreadAsync();
        using var first = await Root.StreamAsync($"/threads/{thread}/runs/stream", Bodies.Echo(more: Keys + ""","stream_resumable":true"""));
        var frames = await first.ToEndAsync();
        var runId = first.Ids().RunId;

        using var again = await Root.JoinAsync($"/threads/{thread}/runs/{runId}/stream", ("Last-Event-ID", frames[^3].Id!));
        (await again.ToEndAsync()).Select(frame => frame.Raw).ShouldBe(frames[^2..].Select(frame => frame.Raw));
        using var ended = await Root.JoinAsync($"/threads/{thread}/runs/{runId}/stream", ("Last-Event-ID", frames[^1].Id!));
        (await ended.ToEndAsync()).ShouldBeEmpty();
        using var all = await Root.JoinAsync($"/threads/{thread}/stream", ("Last-Event-ID", "-"));
        (await all.UntilAsync("feedback")).Data.ShouldBe(frames[^2].Data);
        using var lifecycle = await Root.JoinAsync($"/threads/{thread}/stream?stream_mode=lifecycle", ("Last-Event-ID", "-"));
        (await lifecycle.NextAsync())!.Event.ShouldBe("metadata");
        (await lifecycle.NextAsync())!.Event.ShouldBe("end");
    }

    [Theory]
    [InlineData("", "error", "end")]
    [InlineData("/api", "error", null)]
    public async Task A_run_that_fails_has_the_event_too(string mount, string before, string? after)
    {
        using var stream = await Root.StreamAsync(
            $"{mount}/threads/{await Root.NewThreadAsync()}/runs/stream", Bodies.Failing(more: Keys));

        var events = (await stream.ToEndAsync()).ConvertAll(frame => frame.Event);

        events[(events.IndexOf("feedback") - 1)..].ShouldBe(after is null ? [before, "feedback"] : [before, "feedback", after]);
    }

    [Fact]
    public async Task A_run_that_is_rolled_back_and_one_without_keys_have_none()
    {
        var thread = await Root.NewThreadAsync();
        var gate = Gates.New();
        using var stream = await Root.StreamAsync($"/threads/{thread}/runs/stream", Bodies.Gated(gate, Keys));
        await gate.EnteredAsync();
        await Root.PostAsync($"/threads/{thread}/runs/{stream.Ids().RunId}/cancel?action=rollback&wait=1");
        (await stream.ToEndAsync()).ShouldNotContain(frame => frame.Event == "feedback");

        using var without = await Root.StreamAsync($"/threads/{thread}/runs/stream", Bodies.Echo(more: ""","feedback_keys":[]"""));
        (await without.ToEndAsync()).ShouldNotContain(frame => frame.Event == "feedback");
    }

    [Theory]
    [InlineData("\"a\"")]
    [InlineData("[1]")]
    [InlineData("[null]")]
    [InlineData("[\"\"]")]
    [InlineData("{}")]
    public async Task Keys_are_a_list_of_texts(string keys)
    {
        (await Root.PostAsync("/runs/wait", Bodies.Echo(more: $",\"feedback_keys\":{keys}")))
            .ShouldBe(HttpStatusCode.UnprocessableEntity).Detail.ShouldContain("feedback_keys");
    }

    [Theory]
    [InlineData(255, 100, true)]
    [InlineData(256, 1, false)]
    [InlineData(3, 101, false)]
    public async Task Keys_are_limited(int length, int count, bool isAccepted)
    {
        var keys = string.Join(',', Enumerable.Range(0, count).Select(i => $"\"{i.ToString("D3").PadLeft(length, 'k')}\""));

        var answer = await Root.PostAsync("/runs/wait", Bodies.Echo(more: $",\"feedback_keys\":[{keys}]"));

        answer.Status.ShouldBe(isAccepted ? 200 : 422, answer.Text);
    }

    [Theory]
    [InlineData("score", "\"1\"")]
    [InlineData("score", "1e999")]
    [InlineData("score", "[]")]
    [InlineData("comment", "1")]
    [InlineData("metadata", "[]")]
    [InlineData("metadata", "\"a\"")]
    public async Task A_score_that_is_wrong_is_refused(string field, string value)
    {
        var (url, run) = await RunAsync();

        (await PostAsync(url, $$"""{"{{field}}":{{value}}}""")).ShouldBe(HttpStatusCode.UnprocessableEntity).Text.ShouldContain(field);

        (await Root.GetAsync($"/weft{run}/feedback")).Text.ShouldBe("[]");
    }

    [Theory]
    [InlineData("score")]
    [InlineData("comment")]
    [InlineData("value")]
    [InlineData("correction")]
    public async Task Members_that_are_null_are_missing(string field)
    {
        var (url, _) = await RunAsync();

        (await PostAsync(url, $$"""{"{{field}}":null}""")).ShouldBe(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task A_value_that_is_too_large_is_refused()
    {
        var (url, _) = await RunAsync();
        var large = new string('x', 64_001);

        foreach (var field in (string[])["comment", "value", "correction"])
        {
            (await PostAsync(url, $$"""{"{{field}}":"{{large}}"}""")).ShouldBe(HttpStatusCode.UnprocessableEntity).Text.ShouldContain(field);
        }

        (await PostAsync(url, $$$"""{"metadata":{"a":"{{{large}}}"}}""")).ShouldBe(HttpStatusCode.UnprocessableEntity).Text.ShouldContain("metadata");
    }

    [Fact]
    public async Task A_url_that_the_server_did_not_make_does_not_exist()
    {
        var (url, run) = await RunAsync();
        var token = url.Split('/')[^1];
        var changed = Enumerable.Range(0, token.Length).Select(i => token[..i] + (token[i] == 'A' ? 'B' : 'A') + token[(i + 1)..]);
        foreach (var forged in (string[])[.. changed, token[..^4], token + "AAAA", "x", "..", new string('A', 4000), "ü"])
        {
            var answer = await PostAsync(url[..^token.Length] + forged, """{"score":1}""");
            answer.Status.ShouldBe(404, forged);
        }

        (await Root.GetAsync($"/weft{run}/feedback")).Text.ShouldBe("[]");
        (await PostAsync(url, """{"score":1}""")).ShouldBe(HttpStatusCode.NoContent);
        (await Root.DeleteAsync(run)).ShouldBe(HttpStatusCode.NoContent);
        (await PostAsync(url, """{"score":1}""")).ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Urls_expire_and_stay_valid_after_a_restart()
    {
        var folder = Directory.CreateTempSubdirectory("weft-feedback-").FullName;
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        string token;
        await using (var server = await TestServer.StartAsync(folder, time: time))
        {
            var thread = await server.Root.NewThreadAsync();
            using var stream = await server.Root.StreamAsync($"/threads/{thread}/runs/stream", Bodies.Echo(more: Keys));
            token = (await stream.UntilAsync("feedback")).Json.Text("user_liked").Split('/')[^1];
        }

        await using (var server = await TestServer.StartAsync(folder, time: time))
        {
            (await server.Root.PostAsync("/feedback/tokens/" + token, """{"score":1}""")).ShouldBe(HttpStatusCode.NoContent);
            time.Advance(TimeSpan.FromHours(24) + TimeSpan.FromSeconds(1));
            (await server.Root.PostAsync("/feedback/tokens/" + token, """{"score":1}""")).ShouldBe(HttpStatusCode.NotFound);
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Urls_need_no_user_and_begin_with_the_public_address()
    {
        await using var server = await TestServer.StartAsync(configure: options =>
        {
            options.PublicUrl = "https://agents.example/base/";
            options.ActorOf = http => http.Request.Headers["x-tenant"];
        });
        using var stream = await server.Root.StreamAsync("/runs/stream", Bodies.Echo(more: Keys), ("x-tenant", "ada"));

        var url = (await stream.UntilAsync("feedback")).Json.Text("user_liked");

        url.ShouldStartWith("https://agents.example/base/feedback/tokens/");
        (await server.Root.PostAsync("/feedback/tokens/" + url.Split('/')[^1], """{"score":1}""")).ShouldBe(HttpStatusCode.NoContent);
        var thread = stream.Header("Location")!.Split('/')[2];
        (await server.Root.GetAsync($"/threads/{thread}", ("x-tenant", "ada"))).ShouldBeOk();
        (await server.Root.GetAsync($"/weft/threads/{thread}/runs/{stream.Ids().RunId}/feedback", ("x-tenant", "ada")))
            .ShouldBeOk().Json.GetArrayLength().ShouldBe(1);
    }

    private Task<Answer> PostAsync(string url, string body) =>
        Root.PostAsync(url[Root.BaseAddress.GetLeftPart(UriPartial.Authority).Length..], body);

    /// <summary>Runs with a key. Returns its URL and the path of the run.</summary>
    private async Task<(string Url, string Run)> RunAsync()
    {
        using var stream = await Root.StreamAsync($"/threads/{await Root.NewThreadAsync()}/runs/stream", Bodies.Echo(more: Keys));
        var url = (await stream.UntilAsync("feedback")).Json.Text("user_liked");
        var (threadId, runId) = stream.Ids();
        return (url, $"/threads/{threadId}/runs/{runId}");
    }
}
