using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Weft.Server.Tests.Platform;

/// <summary>Crons (docs/protocol/crons.md B7).</summary>
public sealed class CronTests(SharedServer shared) : ServerTests(shared)
{
    private static readonly DateTimeOffset Noon = new(2031, 2, 3, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("")]
    [InlineData("/api")]
    public async Task A_cron_is_created_read_changed_searched_counted_and_deleted(string prefix)
    {
        var (thread, group) = (await Root.NewThreadAsync(), NewId());
        const string Times = ""","schedule":"0 9 * * *","timezone":"Europe/Berlin","end_time":"2100-01-01" """;
        var more = Times + $$""","metadata":{"group":"{{group}}"},"webhook":"/hook" """;

        var cron = (await Root.PostAsync($"{prefix}/threads/{thread}/runs/crons", Bodies.Echo(more: more))).ShouldBeOk().Json;

        (cron.Text("thread_id"), cron.Text("schedule"), cron.Text("timezone")).ShouldBe((thread, "0 9 * * *", "Europe/Berlin"));
        cron.Text("end_time").ShouldBe("2100-01-01T00:00:00.000000+00:00");
        cron.GetProperty("next_run_date").GetDateTimeOffset().ShouldBeGreaterThan(DateTimeOffset.UtcNow);
        (cron.GetProperty("enabled").GetBoolean(), cron.Text("user_id"), cron.Text("on_run_completed")).ShouldBe((true, null, null));
        cron.GetProperty("payload").Names().ShouldBe(["assistant_id", "input", "metadata", "webhook"], ignoreOrder: true);
        cron.GetProperty("metadata").ShouldBeJson($$"""{"group":"{{group}}"}""");
        var path = $"{prefix}/runs/crons/{cron.Text("cron_id")}";
        (await Root.GetAsync(path)).ShouldBeOk().Json.ShouldBeJson(cron.GetRawText());

        var patch = """{"schedule":"0 10 * * *","end_time":null,"enabled":false,"config":{"tags":["t"]},"webhook":null}""";
        var changed = (await Root.PatchAsync(path, patch)).ShouldBeOk().Json;
        (changed.Text("schedule"), changed.Text("timezone"), changed.Text("end_time")).ShouldBe(("0 10 * * *", "Europe/Berlin", null));
        (changed.GetProperty("enabled").GetBoolean(), changed.Text("next_run_date")).ShouldBe((false, null));
        changed.GetProperty("payload").GetProperty("config").ShouldBeJson("""{"tags":["t"]}""");
        changed.GetProperty("payload").Text("webhook").ShouldBe("/hook");

        (await Root.PostAsync($"{prefix}/runs/crons", Bodies.Echo(more: more))).ShouldBeOk().Json.Text("on_run_completed")
            .ShouldBe("delete");
        var found = await Root.PostAsync(
            $"{prefix}/runs/crons/search", $$"""{"metadata":{"group":"{{group}}"},"limit":1,"sort_order":"asc"}""");
        found.ShouldBeOk().Json.EnumerateArray().Single().ShouldBeJson(changed.GetRawText());
        (found.Header("X-Pagination-Total"), found.Header("X-Pagination-Next")).ShouldBe(("2", "1"));
        var selected = await Root.PostAsync($"{prefix}/runs/crons/search", $$"""{"thread_id":"{{thread}}","select":["cron_id","now"]}""");
        selected.ShouldBeOk().Json[0].Names().ShouldBe(["cron_id", "now"]);
        (await Root.PostAsync($"{prefix}/runs/crons/count", $$"""{"metadata":{"group":"{{group}}"},"assistant_id":"echo"}"""))
            .Text.ShouldBe("2");
        (await Root.PostAsync($"{prefix}/runs/crons/count", $$"""{"metadata":{"group":"{{group}}"},"enabled":true}""")).Text.ShouldBe("1");

        (await Root.DeleteAsync(path)).ShouldBe(HttpStatusCode.NoContent);
        (await Root.DeleteAsync(path)).ShouldBe(HttpStatusCode.NotFound);
        (await Root.GetAsync(path)).ShouldBe(HttpStatusCode.NotFound);
        (await Root.PatchAsync(path, "{}")).ShouldBe(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("schedule", "null", "required")]
    [InlineData("schedule", "5", "a string")]
    [InlineData("schedule", "\"* * * * * *\"", "5 fields")]
    [InlineData("schedule", "\"61 * * * *\"", "not a cron expression")]
    [InlineData("schedule", "\"0 0 30 2 *\"", "never occurs")]
    [InlineData("timezone", "\"Mars\"", "IANA")]
    [InlineData("timezone", "5", "a string")]
    [InlineData("end_time", "\"soon\"", "date and time")]
    [InlineData("end_time", "5", "date and time")]
    [InlineData("end_time", "\"2001-01-01T00:00:00Z\"", "future")]
    [InlineData("enabled", "\"yes\"", "a boolean")]
    [InlineData("on_run_completed", "\"burn\"", "delete, keep")]
    [InlineData("assistant_id", "null", "required")]
    [InlineData("input", "5", "object")]
    [InlineData("multitask_strategy", "\"x\"", "reject")]
    [InlineData("config", "5", "object")]
    [InlineData("context", "5", "object")]
    [InlineData("metadata", "5", "object")]
    [InlineData("webhook", "\"x\"", "URL")]
    [InlineData("stream_mode", "\"x\"", "none of")]
    [InlineData("durability", "\"x\"", "sync")]
    [InlineData("interrupt_before", "5", "node names")]
    public async Task A_wrong_member_is_named_and_nothing_is_stored(string member, string value, string detail)
    {
        var group = NewId();
        var body = new Dictionary<string, JsonElement>
        {
            ["assistant_id"] = JsonElement.Parse("\"echo\""),
            ["schedule"] = JsonElement.Parse("\"0 0 * * *\""),
            ["metadata"] = JsonElement.Parse($$"""{"group":"{{group}}"}"""),
            [member] = JsonElement.Parse(value),
        };
        var answer = await Root.PostAsync("/runs/crons", JsonSerializer.Serialize(body));

        answer.ShouldBe(HttpStatusCode.UnprocessableEntity).Detail.ShouldContain(member);
        answer.Detail.ShouldContain(detail, Case.Insensitive);
        (await Root.PostAsync("/runs/crons/count", $$$"""{"metadata":{"group":"{{{group}}}"}}""")).Text.ShouldBe("0");
    }

    [Fact]
    public async Task Threads_assistants_and_searches_are_checked()
    {
        const string schedule = ""","schedule":"0 0 * * *" """;
        (await Root.PostAsync($"/threads/{NewId()}/runs/crons", Bodies.Echo(more: schedule))).ShouldBe(HttpStatusCode.NotFound);
        (await Root.PostAsync($"/threads/{NewId()}/runs/crons", Bodies.Echo(more: schedule + ""","if_not_exists":"create" """)))
            .ShouldBeOk();
        (await Root.PostAsync("/threads/x/runs/crons", Bodies.Echo(more: schedule))).ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await Root.PostAsync("/runs/crons", """{"assistant_id":"nobody","schedule":"0 0 * * *"}""")).ShouldBe(HttpStatusCode.NotFound);
        (await Root.PostAsync("/runs/crons", "[]")).ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await Root.GetAsync("/runs/crons/x")).ShouldBe(HttpStatusCode.UnprocessableEntity);
        foreach (var (member, value) in ((string, string)[])[
            ("limit", "0"), ("offset", "-1"), ("sort_by", "\"x\""), ("sort_order", "\"x\""), ("select", "[\"x\"]"), ("metadata", "5"),
            ("enabled", "5"), ("assistant_id", "\"nobody\""), ("thread_id", "\"x\"")])
        {
            (await Root.PostAsync("/runs/crons/search", $$$"""{"{{{member}}}":{{{value}}}}"""))
                .ShouldBe(HttpStatusCode.UnprocessableEntity)
                .Detail.ShouldContain(member);
        }
    }

    [Fact]
    public async Task A_cron_runs_on_its_thread_also_after_a_restart()
    {
        using var folder = new Recovery.TempFolder();
        var time = new FakeTimeProvider(Noon);
        string thread, cron;
        await using (var first = await TestServer.StartAsync(folder.Path, time: time))
        {
            thread = await first.Root.NewThreadAsync();
            var body = Bodies.Echo(
                "again",
                ""","schedule":"0 * * * *","metadata":{"team":"a"},"config":{"tags":["t"]},"stream_resumable":true""");
            cron = (await first.Root.PostAsync($"/threads/{thread}/runs/crons", body)).ShouldBeOk().String("cron_id");
            await FireAsync(first, time, cron, Noon.AddHours(1));
        }

        await using var server = await TestServer.StartAsync(folder.Path, time: time);
        await FireAsync(server, time, cron, Noon.AddHours(2));

        var runs = (await server.Root.GetAsync($"/threads/{thread}/runs")).ShouldBeOk().Json;
        runs.GetArrayLength().ShouldBe(2);
        var run = runs[0];
        (run.GetProperty("metadata").Text("cron_id"), run.GetProperty("metadata").Text("team")).ShouldBe((cron, "a"));
        run.GetProperty("kwargs").GetProperty("config").GetProperty("tags").Strings().ShouldBe(["t"]);
        (run.GetProperty("kwargs").GetProperty("resumable").GetBoolean(), run.Text("multitask_strategy")).ShouldBe((true, "enqueue"));
        (await server.Root.GetAsync($"/threads/{thread}/runs/{run.Text("run_id")}/join"))
            .ShouldBeOk()
            .Json.Texts().ShouldBe(["again", "echo: again", "again", "echo: again"]);
    }

    [Theory]
    [InlineData("keep", 1)]
    [InlineData("delete", 0)]
    public async Task A_cron_without_a_thread_runs_on_a_new_one_which_is_kept_or_deleted(string onRunCompleted, int threads)
    {
        var time = new FakeTimeProvider(Noon);
        var hook = new TaskCompletionSource<JsonElement>();
        await using var server = await TestServer.StartAsync(
            time: time, use: app => app.MapPost("/hook", (JsonElement payload) => hook.TrySetResult(payload)));
        var body = Bodies.Echo(more: $$""","schedule":"0 * * * *","webhook":"/hook","on_run_completed":"{{onRunCompleted}}" """);
        var cron = (await server.Root.PostAsync("/runs/crons", body)).ShouldBeOk().String("cron_id");

        await FireAsync(server, time, cron, Noon.AddHours(1));

        var ended = await hook.Task.Within("the webhook to be called");
        ended.GetProperty("values").Texts().ShouldBe(["hi", "echo: hi"]);
        (await server.Root.PostAsync("/threads/count", "{}")).Text.ShouldBe($"{threads}");
    }

    [Fact]
    public async Task A_cron_of_a_deleted_assistant_is_disabled_when_it_is_due()
    {
        var time = new FakeTimeProvider(Noon);
        await using var server = await TestServer.StartAsync(time: time);
        var assistant = (await server.Root.PostAsync("/assistants", """{"graph_id":"echo"}""")).ShouldBeOk().String("assistant_id");
        var body = $$"""{"assistant_id":"{{assistant}}","schedule":"0 * * * *","input":{} }""";
        var cron = (await server.Root.PostAsync("/runs/crons", body)).ShouldBeOk().String("cron_id");
        (await server.Root.PostAsync("/runs/crons/count", $$"""{"assistant_id":"{{assistant}}"}""")).Text.ShouldBe("1");
        (await server.Root.DeleteAsync($"/assistants/{assistant}")).ShouldBe(HttpStatusCode.NoContent);
        time.SetUtcNow(Noon.AddHours(1));

        await Waiting.Until(
            async () =>
            {
                time.Advance(TimeSpan.FromMilliseconds(10));
                return !(await server.Root.GetAsync($"/runs/crons/{cron}")).ShouldBeOk().Json.GetProperty("enabled").GetBoolean();
            },
            "the cron to be disabled");
        (await server.Root.PostAsync("/threads/count", "{}")).Text.ShouldBe("0");
    }

    [Fact]
    public async Task A_cron_is_its_owners_and_its_runs_act_for_the_owner()
    {
        var time = new FakeTimeProvider(Noon);
        await using var app = await GuestApp.StartAsync(
            app => app.MapWeft(),
            services =>
            {
                HeaderUsers.Add(services);
                services.AddSingleton<TimeProvider>(time);
            });
        (string, string) ada = ("x-user", "ada"), bob = ("x-user", "bob");
        var thread = (await app.Root.PostAsync("/threads", "{}", ada)).ShouldBeOk().String("thread_id");
        const string body = """
            {"assistant_id":"configured","schedule":"0 * * * *","input":{},
             "config":{"configurable":{"langgraph_auth_user_id":"root","x-user":"root","kept":1}}}
            """;
        (await app.Root.PostAsync($"/threads/{thread}/runs/crons", body, bob)).ShouldBe(HttpStatusCode.NotFound);
        var cron = (await app.Root.PostAsync($"/threads/{thread}/runs/crons", body, ada)).ShouldBeOk().Json;
        cron.Text("user_id").ShouldBe("ada");
        var path = $"/runs/crons/{cron.Text("cron_id")}";

        (await app.Root.GetAsync(path, bob)).ShouldBe(HttpStatusCode.NotFound);
        (await app.Root.PatchAsync(path, """{"enabled":false}""", bob)).ShouldBe(HttpStatusCode.NotFound);
        (await app.Root.SendAsync(HttpMethod.Delete, path, null, bob)).ShouldBe(HttpStatusCode.NotFound);
        (await app.Root.PostAsync("/runs/crons/search", "{}", bob)).ShouldBeOk().Text.ShouldBe("[]");
        (await app.Root.PostAsync("/runs/crons/count", "{}", bob)).ShouldBeOk().Text.ShouldBe("0");

        time.SetUtcNow(Noon.AddHours(1));
        await Waiting.Until(
            async () =>
            {
                time.Advance(TimeSpan.FromMilliseconds(10));
                return (await app.Root.GetAsync($"/threads/{thread}/runs", ada)).Json.GetArrayLength() > 0;
            },
            "the cron to create a run");
        var run = (await app.Root.GetAsync($"/threads/{thread}/runs", ada)).Json[0].Text("run_id");
        var values = (await app.Root.GetAsync($"/threads/{thread}/runs/{run}/join", ada)).ShouldBeOk();
        values.Json.Text("actor").ShouldBe("ada");
        values.Json.GetProperty("configurable").GetProperty("kept").GetInt32().ShouldBe(1);
        values.Text.ShouldNotContain("root");
    }

    /// <summary>Sets the clock, and waits until the cron has created its run.</summary>
    private static async Task FireAsync(TestServer server, FakeTimeProvider time, string cron, DateTimeOffset due)
    {
        time.SetUtcNow(due);
        await Waiting.Until(
            async () =>
            {
                // The worker may have just set its timer.
                time.Advance(TimeSpan.FromMilliseconds(10));
                var json = (await server.Root.GetAsync($"/runs/crons/{cron}")).ShouldBeOk().Json;
                return json.GetProperty("next_run_date").GetDateTimeOffset() > due;
            },
            $"the cron to run at {due}");
    }
}
