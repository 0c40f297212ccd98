using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Weft.Graphs;
using Weft.Server.Tests.Recovery;
using static Weft.Server.Tests.AgUiCalls;

namespace Weft.Server.Tests.Platform;

/// <summary>Which input workflows with types take, by each way on which it comes.</summary>
public sealed class WorkflowInputTests
{
    private const string Request = """{"assistant_id":"draft","input":{"topic":"looms","lang":"en"}}""";

    [Fact]
    public async Task A_client_of_AG_UI_sends_messages_and_a_state_of_which_the_type_takes_what_it_knows()
    {
        await using var server = await TestServer.StartAsync(add: Add<Draft>(draft => draft.Topic));

        var client = await server.Root.AgUiAsync(
            "draft", Body(Guid.NewGuid().ToString(), User("hello", "u-1"), ""","state":{"topic":"looms","zoom":3}"""));

        client.Last.Text("type").ShouldBe("RUN_FINISHED");
        client.State!["essay"]!.GetValue<string>().ShouldBe("On looms");
        foreach (var wrong in (string[])["""{"topci":"looms"}""", """{"topic":3}""", """{"topic":null}"""])
        {
            (await server.Root.PostAsync("/agui/draft", Body(Guid.NewGuid().ToString(), User("hello", "u-1"), $""","state":{wrong}""")))
                .ShouldBe(HttpStatusCode.UnprocessableEntity).Text.ShouldContain("opic");
        }
    }

    [Fact]
    public async Task A_message_is_injected_into_the_thread_of_a_workflow()
    {
        await using var server = await TestServer.StartAsync(add: Add<Hints>(hints => hints.Topic ?? "nothing"));
        var thread = await server.Root.NewThreadAsync();
        await server.Root.SucceedAsync(thread, "run.start", """{"assistant_id":"draft","input":{"topic":"looms"}}""");

        await server.Root.SucceedAsync(thread, "input.inject", """{"message":{"role":"user","content":"hello"}}""");

        var runs = (await server.Root.GetAsync($"/threads/{thread}/runs")).ShouldBeOk().Json;
        runs.GetArrayLength().ShouldBe(2);
        (await server.Root.GetAsync($"/threads/{thread}/runs/{runs[0].Text("run_id")}/join")).ShouldBeOk()
            .Json.Text("essay").ShouldBe("On nothing");
    }

    [Fact]
    public async Task A_run_that_an_earlier_version_stored_starts_although_the_type_has_changed()
    {
        using var folder = new TempFolder();
        string thread, first, second;
        await using (var before = await TestServer.StartAsync(folder.Path, add: AddWaiting))
        {
            thread = await before.Root.NewThreadAsync();
            first = (await before.Root.PostAsync($"/threads/{thread}/runs", Request)).ShouldBeOk().RunPath;
            second = (await before.Root.PostAsync($"/threads/{thread}/runs", Request)).ShouldBeOk().RunPath;
        }

        await using var server = await TestServer.StartAsync(
            folder.Path, add: Add<NewDraft>(draft => $"{draft.Topic} by {draft.Author ?? "nobody"}"));

        foreach (var run in (string[])[first, second])
        {
            (await server.Root.GetAsync(run + "/join")).ShouldBeOk().Json.Text("essay").ShouldBe("On looms by nobody");
        }

        (await server.Root.PostAsync($"/threads/{thread}/runs", Request)).ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task A_cron_that_an_earlier_version_stored_runs_although_the_type_has_changed()
    {
        using var folder = new TempFolder();
        var noon = new DateTimeOffset(2031, 2, 3, 12, 0, 0, TimeSpan.Zero);
        var time = new FakeTimeProvider(noon);
        string thread, cron;
        await using (var before = await TestServer.StartAsync(folder.Path, time: time, add: Add<OldDraft>(draft => draft.Topic)))
        {
            thread = await before.Root.NewThreadAsync();
            cron = (await before.Root.PostAsync($"/threads/{thread}/runs/crons", Request[..^1] + ""","schedule":"0 * * * *"}"""))
                .ShouldBeOk().String("cron_id");
        }

        await using var server = await TestServer.StartAsync(folder.Path, time: time, add: Add<Draft>(draft => draft.Topic));
        (await server.Root.PostAsync($"/threads/{thread}/runs/crons", Request[..^1] + ""","schedule":"0 * * * *"}"""))
            .ShouldBe(HttpStatusCode.UnprocessableEntity).Text.ShouldContain("'lang'");
        time.SetUtcNow(noon.AddHours(1));
        await Waiting.Until(
            async () =>
            {
                time.Advance(TimeSpan.FromMilliseconds(10));
                var json = (await server.Root.GetAsync($"/runs/crons/{cron}")).ShouldBeOk().Json;
                return json.GetProperty("next_run_date").GetDateTimeOffset() > noon.AddHours(1);
            },
            "the cron to run");

        var run = (await server.Root.GetAsync($"/threads/{thread}/runs")).ShouldBeOk().Json.EnumerateArray().ShouldHaveSingleItem();
        (await server.Root.GetAsync($"/threads/{thread}/runs/{run.Text("run_id")}/join")).ShouldBeOk()
            .Json.Text("essay").ShouldBe("On looms");
    }

    [Fact]
    public async Task What_the_code_of_the_type_throws_is_logged_with_the_graph()
    {
        var log = new ExceptionLog();
        await using var server = await TestServer.StartAsync(add: weft =>
        {
            weft.Services.AddSingleton<ILoggerProvider>(log);
            Add<Card>(card => card.Name)(weft);
        });

        (await server.Root.PostAsync("/runs/wait", """{"assistant_id":"draft","input":{"name":""}}"""))
            .ShouldBe(HttpStatusCode.UnprocessableEntity).Text.ShouldNotContain("internal");

        var (level, line, exception) = log.Entries.ShouldHaveSingleItem();
        level.ShouldBe(LogLevel.Warning);
        line.ShouldContain("'draft'");
        exception.ShouldBeOfType<ArgumentException>().Message.ShouldContain("internal: a name is needed");
    }

    [Fact]
    public async Task A_type_that_no_input_can_be_read_as_is_not_the_mistake_of_the_caller()
    {
        await using var server = await TestServer.StartAsync(add: Add<IDraft>(draft => draft.Topic));
        var thread = await server.Root.NewThreadAsync();

        var run = (await server.Root.PostAsync($"/threads/{thread}/runs", Request)).ShouldBeOk();
        await server.Root.GetAsync(run.RunPath + "/join");

        (await server.Root.GetAsync(run.RunPath)).ShouldBeOk().String("status").ShouldBe("error");
    }

    private static Action<WeftBuilder> Add<T>(Func<T, string> topicOf) => weft => weft.AddGraph(
        "draft",
        Workflow.Create<T, Dictionary<string, string>>(
            "draft", (input, _, _) => Task.FromResult(new Dictionary<string, string> { ["essay"] = $"On {topicOf(input)}" })));

    private static void AddWaiting(WeftBuilder weft) =>
        weft.AddGraph("draft", Workflow.Create<OldDraft, string>("draft", async (_, _, stop) =>
        {
            await Task.Delay(Timeout.Infinite, stop);
            return "";
        }));

    private interface IDraft
    {
        string Topic { get; set; }
    }

    private sealed record OldDraft(string Topic, string? Lang = null);

    private sealed record Draft(string Topic);

    private sealed record NewDraft(string Topic, string Author);

    private sealed record Hints(string? Topic = null);

    /// <summary>The entries of the planner of runs.</summary>
    private sealed class ExceptionLog : ILoggerProvider, ILogger
    {
        public List<(LogLevel Level, string Line, Exception? Exception)> Entries { get; } = [];

        public ILogger CreateLogger(string categoryName) =>
            categoryName.EndsWith("RunPlanner", StringComparison.Ordinal) ? this : NullLogger.Instance;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Entries.Add((logLevel, formatter(state, exception), exception));

        public void Dispose()
        {
        }
    }
}
