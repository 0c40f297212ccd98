using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;
using Weft.Server.Tests;
using Weft.Testing;
using static Weft.Agents.Tests.Script;

namespace Weft.Agents.Tests.Tools;

/// <summary>What happens to tools that take too long.</summary>
public sealed class ToolTimeLimitTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    private readonly WatchedTime _time = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_tool_that_takes_too_long_is_cancelled_and_the_model_is_told()
    {
        var hang = AgentTool.Create((CancellationToken stop) => Task.Delay(Timeout.Infinite, stop), "hang");
        var quick = AgentTool.Create(() => "done", "quick");
        using var client = new ScriptedChatClient(Calls(("1", "hang", []), ("2", "quick", [])), Says(null, "Sorry."));
        var thread = Thread(client, [hang, quick], new Dictionary<string, TimeSpan> { ["quick"] = TimeSpan.FromDays(1) });

        var run = thread.SayAsync("go");
        await _time.AdvanceAsync(Limit, timers: 1);
        await run.Within("the run to end");

        var results = thread.Messages.Where(message => message.Text("type") == "tool").ToList();
        results.Select(result => result.Content()).ShouldBe(
        [
            "Error: The tool took more than 00:00:01, and was stopped. Whether it had an effect is not known.",
            "done",
        ]);
        results[0].Text("status").ShouldBe("error");
        thread.Messages[^1].Content().ShouldBe("Sorry.");
    }

    [Fact]
    public async Task A_tool_that_ignores_its_token_or_blocks_is_left_behind()
    {
        var never = new TaskCompletionSource();
        using var released = new ManualResetEventSlim();
        var deaf = AgentTool.Create(
            async (CancellationToken stop) =>
            {
                await using var registration = stop.Register(() => throw new InvalidOperationException("The tool can't stop."));
                await never.Task;
            },
            "deaf");
        var blocked = AgentTool.Create(
            (CancellationToken stop) =>
            {
                stop.Register(() => released.Wait(Stop));
                released.Wait(Stop);
            },
            "blocked");
        using var client = new ScriptedChatClient(Calls(("1", "deaf", []), ("2", "blocked", [])), Says(null, "Sorry."));
        var thread = Thread(client, [deaf, blocked]);

        var run = thread.SayAsync("go");
        await _time.AdvanceAsync(Limit, timers: 2);
        await _time.AdvanceAsync(TimeSpan.FromSeconds(5), timers: 2);
        await run.Within("the run to end");
        released.Set();

        var results = thread.Messages.Where(message => message.Text("type") == "tool").Select(result => result.Content()).ToList();
        results.Count.ShouldBe(2);
        results.ShouldAllBe(result => result
            == "Error: The tool took more than 00:00:01, and did not stop when it was asked to. Whether it had an effect is not known.");
        thread.Messages[^1].Content().ShouldBe("Sorry.");
    }

    [Fact]
    public void A_time_limit_that_is_wrong_is_refused()
    {
        using var client = new ScriptedChatClient();
        var quick = AgentTool.Create(() => "done", "quick");

        foreach (var limit in (TimeSpan[])[TimeSpan.Zero, TimeSpan.MaxValue])
        {
            Should.Throw<ArgumentOutOfRangeException>(
                () => AgentGraph.Create(client, [quick], new AgentGraphOptions { ToolTimeout = limit }));
            Should.Throw<ArgumentOutOfRangeException>(() => AgentGraph.Create(client, [quick], new AgentGraphOptions
            {
                ToolTimeouts = new Dictionary<string, TimeSpan> { ["quick"] = limit },
            }));
        }

        Should.Throw<ArgumentException>(() => AgentGraph.Create(client, [quick], new AgentGraphOptions
        {
            ToolTimeouts = new Dictionary<string, TimeSpan> { ["qick"] = Limit },
        })).Message.ShouldStartWith("'qick' has a time limit, but no tool has this name. The tools are: quick.");
    }

    private ThreadUnderTest Thread(IChatClient client, AITool[] tools, Dictionary<string, TimeSpan>? limits = null) =>
        new(AgentGraph.Create(client, tools, new AgentGraphOptions { ToolTimeout = Limit, ToolTimeouts = limits ?? [] })) { Time = _time };

    /// <summary>A clock that tells which timers there are.</summary>
    private sealed class WatchedTime : FakeTimeProvider
    {
        private readonly List<TimeSpan> _timers = [];

        /// <summary>Moves on once there are timers of this length.</summary>
        public async Task AdvanceAsync(TimeSpan length, int timers)
        {
            await Waiting.Until(() => Task.FromResult(CountOf(length) == timers), $"{timers} timers of {length}");
            Advance(length);
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            lock (_timers)
            {
                _timers.Add(dueTime);
            }

            return timer;
        }

        private int CountOf(TimeSpan length)
        {
            lock (_timers)
            {
                return _timers.Count(timer => timer == length);
            }
        }
    }
}
