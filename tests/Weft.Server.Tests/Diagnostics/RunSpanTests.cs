using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Weft.Tests;

namespace Weft.Server.Tests.Diagnostics;

/// <summary>The spans of runs over HTTP.</summary>
public sealed class RunSpanTests(SharedServer shared) : ServerTests(shared), IDisposable
{
    private readonly RecordedSpans _spans = new("Weft", RecordedSpans.RequestSource);

    public void Dispose() => _spans.Dispose();

    [Fact]
    public async Task A_run_is_one_tree_below_its_request()
    {
        var thread = await Root.NewThreadAsync();

        var answer = (await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo("secret"), _spans.Header)).ShouldBeOk();

        var run = await EndedAsync(_spans, "invoke_agent echo");
        _spans.Tree.ShouldBe("""
            invoke_agent echo
              invoke_workflow LangGraph
                superstep
                  node answer
            """);
        run.ParentSpanId.ShouldBe(_spans.RequestIds.ShouldHaveSingleItem());
        run.GetTagItem("gen_ai.operation.name").ShouldBe("invoke_agent");
        run.GetTagItem("gen_ai.agent.name").ShouldBe("echo");
        run.GetTagItem("gen_ai.conversation.id").ShouldBe(thread);
        run.GetTagItem("weft.run.id").ShouldBe(answer.RunId);
        run.GetTagItem("weft.run.attempt").ShouldBe(1);
        run.GetTagItem("weft.run.status").ShouldBe("success");
        run.GetTagItem("weft.assistant.id").ShouldBe((await Root.GetAsync(answer.RunPath)).String("assistant_id"));
        run.Status.ShouldBe(ActivityStatusCode.Unset);
        _spans.Ended.SelectMany(span => span.TagObjects).ShouldAllBe(tag => !$"{tag.Value}".Contains("secret"));
    }

    [Fact]
    public async Task A_run_is_a_child_of_its_caller_if_nobody_traces_requests()
    {
        _spans.Dispose();
        using var spans = new RecordedSpans();
        await using var server = await TestServer.StartAsync(add: weft => weft.Services.AddSingleton<ILoggerProvider>(new RecordedLog()));

        (await server.Root.PostAsync("/runs/wait", Bodies.Echo(), spans.Header)).ShouldBeOk();

        (await EndedAsync(spans, "invoke_agent echo")).ParentSpanId.ShouldBe(spans.CallerId);
    }

    [Fact]
    public async Task A_run_that_waits_is_a_child_of_the_request_that_created_it()
    {
        var thread = await Root.NewThreadAsync();
        var gate = Gates.New();
        var first = await Root.PostAsync($"/threads/{thread}/runs", Bodies.Gated(gate));
        var second = (await Root.PostAsync($"/threads/{thread}/runs", Bodies.Echo(), _spans.Header)).ShouldBeOk();
        gate.Open();

        (await Root.GetAsync(second.RunPath + "/join")).ShouldBeOk();

        var run = await EndedAsync(_spans, "invoke_agent echo");
        _spans.Ended[0].ShouldBeSameAs(run);
        run.ParentSpanId.ShouldBe(_spans.RequestIds.ShouldHaveSingleItem());
        _spans.Ended.ShouldNotContain(span => span.DisplayName.Contains("gated"));
        first.RunId.ShouldNotBe(second.RunId);
    }

    [Fact]
    public async Task A_run_that_is_resumed_has_a_tree_of_its_own_with_the_same_conversation()
    {
        var thread = await Root.NewThreadAsync();
        await Root.PostAsync($"/threads/{thread}/runs/wait", Bodies.Asking(), _spans.Header);
        await EndedAsync(_spans, "invoke_agent asking");
        var paused = _spans.Ended;
        using var resumed = new RecordedSpans("Weft", RecordedSpans.RequestSource);

        await Root.PostAsync($"/threads/{thread}/runs/wait", """{"assistant_id":"asking","command":{"resume":"both"}}""", resumed.Header);

        paused.Single(span => span.DisplayName == "node ask").GetTagItem("weft.task.paused").ShouldBe(true);
        paused.ShouldAllBe(span => span.Status == ActivityStatusCode.Unset);
        var run = await EndedAsync(resumed, "invoke_agent asking");
        resumed.Tree.ShouldBe("""
            invoke_agent asking
              invoke_workflow LangGraph
                superstep
                  node ask
                superstep
                  node confirm
            """);
        run.GetTagItem("gen_ai.conversation.id").ShouldBe(thread);
        resumed["node ask"]
            .GetTagItem("weft.task.id")
            .ShouldBe(paused.Single(span => span.DisplayName == "node ask").GetTagItem("weft.task.id"));
        resumed["node ask"].GetTagItem("weft.task.paused").ShouldBeNull();
    }

    [Fact]
    public async Task A_run_that_fails_says_why()
    {
        await Root.PostAsync("/runs/wait", Bodies.Failing(), _spans.Header);

        var run = await EndedAsync(_spans, "invoke_agent failing");
        run.Status.ShouldBe(ActivityStatusCode.Error);
        run.StatusDescription.ShouldBe("The tap is closed.");
        run.GetTagItem("error.type").ShouldBe("System.InvalidOperationException");
        run.GetTagItem("weft.run.status").ShouldBe("error");
        _spans["node work"]
            .Events.ShouldHaveSingleItem()
            .Tags.ShouldContain(tag => tag.Key == "exception.message" && (string?)tag.Value == "The tap is closed.");
    }

    [Fact]
    public async Task A_run_that_is_cancelled_did_not_fail()
    {
        var thread = await Root.NewThreadAsync();
        var gate = Gates.New();
        var run = await Root.PostAsync($"/threads/{thread}/runs", Bodies.Gated(gate), _spans.Header);
        await gate.EnteredAsync();

        (await Root.PostAsync($"{run.RunPath}/cancel?wait=true")).ShouldBeOk();

        (await EndedAsync(_spans, "invoke_agent gated")).GetTagItem("weft.run.status").ShouldBe("interrupted");
        _spans["node speak"].Status.ShouldBe(ActivityStatusCode.Unset);
        _spans.Ended.ShouldAllBe(span => span.Status == ActivityStatusCode.Unset);
    }

    [Fact]
    public async Task A_run_that_takes_too_long_failed()
    {
        await using var server = await TestServer.StartAsync(configureRuns: options => options.RunTimeout = TimeSpan.FromMilliseconds(100));

        await server.Root.PostAsync("/runs/wait", Bodies.Gated(server.Gates.New()), _spans.Header);

        var run = await EndedAsync(_spans, "invoke_agent gated");
        run.Status.ShouldBe(ActivityStatusCode.Error);
        run.GetTagItem("error.type").ShouldBe("System.TimeoutException");
        run.GetTagItem("weft.run.status").ShouldBe("timeout");
    }

    /// <summary>Returns the span of a run, which ends after those who wait for the run are notified.</summary>
    private static async Task<Activity> EndedAsync(RecordedSpans spans, string name)
    {
        await Waiting.Until(() => Task.FromResult(spans.Ended.Any(span => span.DisplayName == name)), $"the end of {name}");
        return spans[name];
    }
}
