using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using static Weft.Server.Tests.Access.AccessServer;

namespace Weft.Server.Tests.Access;

/// <summary>
/// A user tries every route with the ids of another user. Each answer equals the answer for an id that nothing has, and storage is asked
/// for the same, so that neither takes longer. The users are two actors, or one actor whose users are separated by handlers.
/// </summary>
public sealed class TenantTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_another_user_has_is_like_what_does_not_exist(bool hasOneActor)
    {
        await using var server = await StartAsync(hasOneActor ? SeparateUsers : static _ => { }, hasOneActor, isRecorded: true);
        var (ada, bob) = (await Tenant.CreateAsync(server.Root, Ada), await Tenant.CreateAsync(server.Root, Bob));
        var before = await DumpAsync(server, ada);
        // The secret of the tokens is read once.
        (await server.Root.PostAsync("/feedback/tokens/none", "{}", Bob)).Status.ShouldBe(StatusCodes.Status404NotFound);
        var (leaks, others) = (new List<string>(), new List<string>());
        var missing = 0;
        foreach (var (method, pattern) in Routes(server))
        {
            foreach (var (path, body) in TenantRequests.Of(method, pattern))
            {
                foreach (var foreign in ForeignOnes(TenantRequests.KindsOf(path + body)))
                {
                    var nobody = Tenant.Nobody();
                    var one = await TryAsync(server, method, path, body, kind => (foreign.Contains(kind) ? ada : bob).IdOf(kind));
                    var other = await TryAsync(server, method, path, body, kind => (foreign.Contains(kind) ? nobody : bob).IdOf(kind));
                    missing += one.Status == StatusCodes.Status404NotFound ? 1 : 0;
                    var (seen, expected) = (ada.Hide(one.ToString()), nobody.Hide(other.ToString()));
                    var isRefused = one.Status is 404 or 409 || one.Text.Contains("\"error\":", StringComparison.Ordinal);
                    if (seen != expected && !(CreatesThread(path, foreign) && isRefused))
                    {
                        leaks.Add($"{method} {path} {body} [{string.Join(",", foreign)}]\n  {seen}\n  {expected}");
                    }

                    var (asked, askedOfNobody) = (one.Header(RecordedStores.Header), other.Header(RecordedStores.Header));
                    if (one.Status == StatusCodes.Status404NotFound && seen == expected && asked != askedOfNobody)
                    {
                        others.Add($"{method} {path} {body} [{string.Join(",", foreign)}]\n  {asked}\n  {askedOfNobody}");
                    }
                }
            }
        }

        leaks.ShouldBeEmpty();
        others.ShouldBeEmpty("storage is asked for something else");
        missing.ShouldBeGreaterThan(400);
        (await DumpAsync(server, ada)).ShouldBe(before);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Lists_and_searches_have_nothing_of_another_user(bool hasOneActor)
    {
        await using var server = await StartAsync(hasOneActor ? SeparateUsers : static _ => { }, hasOneActor);
        var ada = await Tenant.CreateAsync(server.Root, Ada);
        foreach (var (method, pattern) in Routes(server).Where(static route => !route.Pattern.Contains('{', StringComparison.Ordinal)))
        {
            if (pattern.EndsWith("/weft/events", StringComparison.Ordinal))
            {
                // It has no end; see below.
                continue;
            }

            var isSearch = method == "GET" || pattern.EndsWith("/search", StringComparison.Ordinal)
                || pattern.EndsWith("/count", StringComparison.Ordinal) || pattern.EndsWith("/namespaces", StringComparison.Ordinal);
            if (isSearch)
            {
                var body = method == "GET" ? null : """{"namespace_prefix":[]}""";
                var answer = await server.Root.SendAsync(new HttpMethod(method), pattern, body, Bob);
                answer.Text.ShouldBe(ada.Hide(answer.Text), pattern);
                answer.Text.ShouldNotContain("\"ada\"", Case.Sensitive, pattern);
                if (pattern.EndsWith("/count", StringComparison.Ordinal) && (hasOneActor || !pattern.Contains("assistants", StringComparison.Ordinal)))
                {
                    answer.Text.ShouldBe(
                        pattern.EndsWith("/weft/runs/count", StringComparison.Ordinal) ? """{"counts":{},"capped":false}""" : "0", pattern);
                }
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_feed_has_nothing_of_another_user(bool hasOneActor)
    {
        await using var server = await StartAsync(hasOneActor ? SeparateUsers : static _ => { }, hasOneActor);
        using var feed = await server.Root.JoinAsync("/weft/events", Bob);
        _ = await Tenant.CreateAsync(server.Root, Ada);
        var thread = (await server.Root.PostAsync("/threads", "{}", Bob)).ShouldBeOk().String("thread_id");

        (await feed.NextAsync()).ShouldNotBeNull().Json.Text("thread_id").ShouldBe(thread);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_socket_of_another_users_thread_is_like_one_of_no_thread(bool hasOneActor)
    {
        await using var server = await StartAsync(hasOneActor ? SeparateUsers : static _ => { }, hasOneActor);
        var (ada, bob) = (await Tenant.CreateAsync(server.Root, Ada), await Tenant.CreateAsync(server.Root, Bob));
        foreach (var api in (Api[])[server.Root, server.Gateway])
        {
            var answers = new List<List<string>>();
            foreach (var other in (Tenant[])[ada, Tenant.Nobody()])
            {
                using var socket = await SocketClient.OpenAsync(api, other.ThreadId, Bob);
                using var own = await SocketClient.OpenAsync(api, bob.ThreadId, Bob);
                answers.Add(
                [
                    (await socket.CommandAsync(1, "state.get")).GetRawText(),
                    (await socket.CommandAsync(2, "agent.getTree", $$"""{"run_id":"{{other.RunId}}"}""")).GetRawText(),
                    (await socket.CommandAsync(3, "state.fork", $$"""{"checkpoint_id":"{{other.CheckpointId}}"}""")).GetRawText(),
                    (await own.CommandAsync(1, "run.start", $$"""{"input":{},"assistant_id":"{{other.AssistantId}}"}""")).GetRawText(),
                    (await own.CommandAsync(2, "agent.getTree", $$"""{"run_id":"{{other.RunId}}"}""")).GetRawText(),
                    (await own.CommandAsync(3, "state.fork", $$"""{"checkpoint_id":"{{other.CheckpointId}}"}""")).GetRawText(),
                ]);
                answers[^1] = [.. answers[^1].Select(other.Hide)];
            }

            answers[0].ShouldBe(answers[1]);
            answers[0].ShouldAllBe(static answer => answer.Contains("\"error\"", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_id_that_another_user_has_is_taken(bool hasOneActor)
    {
        await using var server = await StartAsync(hasOneActor ? SeparateUsers : static _ => { }, hasOneActor);
        var ada = await Tenant.CreateAsync(server.Root, Ada);

        foreach (var ifExists in (string[])["raise", "do_nothing"])
        {
            var body = $$"""{"thread_id":"{{ada.ThreadId}}","if_exists":"{{ifExists}}"}""";
            (await server.Root.PostAsync("/threads", body, Bob)).Status.ShouldBe(409);
            (await server.Gateway.PostAsync("/threads", body, Bob)).Status.ShouldBe(409);
        }
    }

    private static Task<Answer> TryAsync(TestServer server, string method, string path, string? body, Func<string, string> idOf) =>
        server.Root.SendAsync(
            new HttpMethod(method),
            TenantRequests.Fill(path, idOf),
            body is null ? null : TenantRequests.Fill(body, idOf),
            Bob,
            ("Last-Event-ID", $"{idOf("run")}-0"));

    /// <summary>Whether a request creates a thread with the id, so that an id that is taken can't be like one that is free.</summary>
    private static bool CreatesThread(string path, string[] foreign) => foreign.Contains("thread")
        && (path.EndsWith("/runs", StringComparison.Ordinal) || path.EndsWith("/runs/stream", StringComparison.Ordinal)
            || path.EndsWith("/runs/wait", StringComparison.Ordinal) || path.EndsWith("/commands", StringComparison.Ordinal)
            || path.EndsWith("/v1/responses", StringComparison.Ordinal) || path.Contains("/agui/", StringComparison.Ordinal)
            || path.Contains("/a2a/", StringComparison.Ordinal));

    /// <summary>Returns the choices of one or more kinds whose ids are another user's.</summary>
    private static IEnumerable<string[]> ForeignOnes(string[] kinds) =>
        Enumerable.Range(1, (1 << kinds.Length) - 1).Select(bits => kinds.Where((_, i) => (bits & (1 << i)) != 0).ToArray());

    private static IEnumerable<(string Method, string Pattern)> Routes(TestServer server) => server.Services
        .GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        .Where(static route => route.Metadata.GetMetadata<RouteAccess>() is not null)
        .SelectMany(static route => route.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods
            .Where(static method => method is not ("HEAD" or "CONNECT"))
            .Select(method => (method, "/" + route.RoutePattern.RawText!.Trim('/'))))
        .Distinct();

    /// <summary>All that the user has, as text.</summary>
    private static async Task<string> DumpAsync(TestServer server, Tenant tenant)
    {
        var all = new List<string>();
        foreach (var path in (string[])
            [$"/threads/{tenant.ThreadId}", $"/threads/{tenant.ThreadId}/history", $"/threads/{tenant.ThreadId}/runs",
             $"/assistants/{tenant.AssistantId}", $"/runs/crons/{tenant.CronId}", $"/v1/responses/{tenant.ResponseId}",
             $"/store/items?namespace={tenant.Namespace}&key=k"])
        {
            all.Add((await server.Root.GetAsync(path, Ada)).ShouldBeOk().Text);
        }

        return string.Join("\n", all);
    }
}
