using static Weft.Graphs.Tests.TestGraphs;

namespace Weft.Graphs.Tests.Execution;

public sealed class NodeOptionsTests
{
    private static readonly RetryPolicy Quickly = new() { InitialInterval = TimeSpan.FromMilliseconds(1), Jitter = false };

    [Fact]
    public async Task A_failed_node_is_tried_again_as_its_policy_says()
    {
        var tries = 0;
        var thread = new ThreadUnderTest(
            New()
                .AddNode(
                    "n",
                    _ => ++tries < 3 ? throw new IOException("flaky") : new StateUpdate().Add(Trail, $"n{tries}"),
                    new NodeOptions { Retry = Quickly })
                .Chain("n")
                .Compile());
        (await thread.RunAsync()).TrailOf().ShouldBe(["n3"]);
    }

    [Fact]
    public async Task When_the_tries_are_used_up_the_last_failure_counts()
    {
        var tries = 0;
        var thread = new ThreadUnderTest(
            New()
                .AddNode(
                    "n",
                    _ => throw new IOException($"try {++tries}"),
                    new NodeOptions { Retry = Quickly with { AttemptsMax = 2 } })
                .Chain("n")
                .Compile());
        (await Should.ThrowAsync<NodeFailedException>(() => thread.RunAsync())).Message.ShouldBe("try 2");
    }

    [Fact]
    public async Task A_mistake_in_the_program_is_not_tried_again()
    {
        var tries = 0;
        var thread = new ThreadUnderTest(
            New()
                .AddNode("n", _ => throw new ArgumentException($"try {++tries}"), new NodeOptions { Retry = Quickly })
                .Chain("n")
                .Compile());
        await Should.ThrowAsync<NodeFailedException>(() => thread.RunAsync());
        tries.ShouldBe(1);
    }

    [Fact]
    public async Task An_interrupt_is_no_failure()
    {
        var thread = new ThreadUnderTest(
            New()
                .AddNode("ask", Ask("ask", "ok?"), new NodeOptions { Retry = Quickly with { RetryOn = _ => true } })
                .Chain("ask")
                .Compile());
        (await thread.RunAsync()).Interrupts.ShouldHaveSingleItem();
        (await thread.ResumeAsync("1")).TrailOf().ShouldBe(["ask:1"]);
    }

    [Fact]
    public async Task Waits_grow_by_the_factor_up_to_the_longest()
    {
        var policy = new RetryPolicy { Jitter = false, MaxInterval = TimeSpan.FromSeconds(3) };
        new[] { 1, 2, 3, 4 }.Select(attempt => policy.WaitAfter(attempt).TotalSeconds).ShouldBe([0.5, 1, 2, 3]);
        await Task.CompletedTask;
    }

    [Fact]
    public async Task A_node_that_takes_too_long_fails_even_when_it_does_not_heed_its_token()
    {
        var never = new TaskCompletionSource<NodeResult>();
        var thread = new ThreadUnderTest(
            New().AddNode("n", (_, _) => never.Task, new NodeOptions { Timeout = TimeSpan.FromMilliseconds(20) }).Chain("n").Compile());
        var error = await Should.ThrowAsync<NodeFailedException>(() => thread.RunAsync());
        error.InnerException.ShouldBeOfType<NodeTimeoutException>().Message.ShouldContain("'n'");
    }

    [Fact]
    public async Task A_deferred_node_waits_for_the_longest_branch_and_runs_once()
    {
        var graph = New("a", "b", "b2").AddNode("d", Visit("d"), new NodeOptions { Defer = true })
            .AddEdge(StateGraph.Start, "a").AddEdge("a", "b").AddEdge("a", "d").AddEdge("b", "b2").AddEdge("b2", "d").Compile();
        var thread = new ThreadUnderTest(graph);
        (await thread.RunAsync()).TrailOf().ShouldBe(["a", "b", "b2", "d"]);
        (await thread.HistoryAsync()).Select(state => string.Join(",", state.Next)).ShouldBe(["", "d", "b2", "b", "a", "__start__"]);
    }

    [Fact]
    public async Task A_deferred_node_still_waits_after_a_pause()
    {
        var graph = New("a").AddNode("b", Ask("b", "ok?")).AddNode("d", Visit("d"), new NodeOptions { Defer = true })
            .AddEdge(StateGraph.Start, "a").AddEdge("a", "b").AddEdge("a", "d").Compile();
        var thread = new ThreadUnderTest(graph);
        await thread.RunAsync();
        (await thread.ResumeAsync("1")).TrailOf().ShouldBe(["a", "b:1", "d"]);
    }

    [Fact]
    public async Task A_deferred_node_that_a_command_names_waits_too()
    {
        var graph = New("a", "b").AddNode("d", Visit("d"), new NodeOptions { Defer = true })
            .AddEdge(StateGraph.Start, "a").AddEdge("a", "b").AddEdge("b", "d").Compile();
        var thread = new ThreadUnderTest(graph);
        await thread.RunAsync();

        (await thread.RunAsync(new Command { Goto = ["d", "b"] })).TrailOf().ShouldBe(["a", "b", "d", "b", "d"]);
        (await thread.RunAsync(new Command { Goto = ["d"] })).TrailOf().ShouldBe(["a", "b", "d", "b", "d", "d"]);
    }

    [Fact]
    public async Task A_cached_result_stands_for_running_the_node_until_its_time_is_over()
    {
        var runs = 0;
        var time = new ManualTime();
        var graph = New().AddNode("n", context => new StateUpdate().Add(Trail, $"{context.Get(Name)}{++runs}"), new NodeOptions
        {
            Cache = new CachePolicy { Key = context => context.Get(Name)!, TimeToLive = TimeSpan.FromMinutes(1) },
        }).Chain("n").Compile(new CompileOptions { Cache = new InMemoryNodeCache(time) });
        (await new ThreadUnderTest(graph).RunAsync("""{"name":"a"}""")).TrailOf().ShouldBe(["a1"]);
        var again = new ThreadUnderTest(graph);
        (await again.RunAsync("""{"name":"a"}""")).TrailOf().ShouldBe(["a1"]);
        again.Of(StreamMode.Updates).ShouldHaveSingleItem().ShouldContain("""
            "__metadata__":{"cached":true}
            """);
        (await new ThreadUnderTest(graph).RunAsync("""{"name":"b"}""")).TrailOf().ShouldBe(["b2"]);
        time.Now += TimeSpan.FromMinutes(2);
        (await new ThreadUnderTest(graph).RunAsync("""{"name":"a"}""")).TrailOf().ShouldBe(["a3"]);
    }

    [Fact]
    public async Task A_cached_message_is_a_new_message_each_time()
    {
        var runs = 0;
        var say = new NodeOptions { Cache = new CachePolicy { Key = _ => "k" } };
        var inside = New().AddNode("say", _ =>
        {
            runs++;
            return new StateUpdate().Add(Chat, Message.Ai("welcome"));
        }, say).Chain("say").Compile(new CompileOptions { Cache = new InMemoryNodeCache() });
        var thread = new ThreadUnderTest(New().AddNode("inner", inside).Chain("inner").Compile());
        foreach (var text in (string[])["one", "two", "three"])
        {
            await thread.RunAsync($$"""{"messages":"{{text}}"}""");
        }

        var state = (await thread.StateAsync()).Values.Get(Chat);
        state.Select(message => message.Text).ShouldBe(["one", "welcome", "two", "welcome", "three", "welcome"]);
        state.Select(message => message.Id).Distinct().Count().ShouldBe(6);
        runs.ShouldBe(1);
    }

    [Fact]
    public async Task Sends_to_a_cached_node_leave_a_message_each()
    {
        var graph = New()
            .AddNode(
                "say",
                _ => new StateUpdate().Add(Chat, Message.Ai("welcome")),
                new NodeOptions { Cache = new CachePolicy { Key = _ => "k" } })
            .AddNode(
                "fan",
                _ => new Command { Goto = [Send.Of("say", 1), Send.Of("say", 2), Send.Of("say", 3)] },
                new NodeOptions { Destinations = ["say"] })
            .Chain("fan").Compile(new CompileOptions { Cache = new InMemoryNodeCache() });
        var thread = new ThreadUnderTest(graph);
        (await thread.RunAsync()).Values.Get(Chat).Count.ShouldBe(3);
        (await thread.RunAsync()).Values.Get(Chat).Select(message => message.Id).Distinct().Count().ShouldBe(6);
    }

    [Fact]
    public async Task A_cached_message_keeps_the_id_that_it_was_given()
    {
        var graph = New()
            .AddNode(
                "say",
                context => new StateUpdate().Add(Chat, Message.Ai("welcome", "w"), context.Get(Chat)[0]),
                new NodeOptions { Cache = new CachePolicy { Key = _ => "k" } })
            .Chain("say").Compile(new CompileOptions { Cache = new InMemoryNodeCache() });
        var thread = new ThreadUnderTest(graph);
        await thread.RunAsync("""{"messages":"one"}""");
        await thread.RunAsync("{}");
        (await thread.StateAsync()).Values.Get(Chat).Select(message => message.Text).ShouldBe(["one", "welcome"]);
    }

    [Fact]
    public async Task By_default_the_whole_input_tells_calls_apart()
    {
        var runs = 0;
        var graph = New()
            .AddNode("n", _ => new StateUpdate().Add(Trail, $"{++runs}"), new NodeOptions { Cache = new CachePolicy() })
            .Chain("n")
            .Compile(new CompileOptions { Cache = new InMemoryNodeCache() });
        await new ThreadUnderTest(graph).RunAsync("""{"name":"a"}""");
        (await new ThreadUnderTest(graph).RunAsync("""{"name":"a"}""")).TrailOf().ShouldBe(["1"]);
        (await new ThreadUnderTest(graph).RunAsync("""{"name":"a","count":1}""")).TrailOf().ShouldBe(["2"]);
    }

    [Fact]
    public async Task A_result_that_is_kept_anew_pushes_out_no_other()
    {
        var time = new ManualTime();
        var cache = new InMemoryNodeCache(time, entriesMax: 2);
        await PutAsync("a", 1);
        for (byte i = 0; i < 5; i++)
        {
            await PutAsync("b", i);
            time.Now += TimeSpan.FromMinutes(2);
            (await FindAsync("b")).ShouldBeNull();
        }

        (await FindAsync("a")).ShouldBe([1]);
        await PutAsync("c", 3);
        (await FindAsync("a")).ShouldBeNull();
        (await FindAsync("c")).ShouldBe([3]);

        ValueTask PutAsync(string key, byte result) =>
            cache.PutAsync(key, new[] { result }, key == "a" ? null : TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);

        async Task<byte[]?> FindAsync(string key) => (await cache.FindAsync(key, TestContext.Current.CancellationToken))?.ToArray();
    }

    private sealed class ManualTime : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = DateTimeOffset.UnixEpoch;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
