using Microsoft.Extensions.DependencyInjection;
using Weft.Graphs;

namespace Weft.Server.Tests.Platform;

/// <summary>The services that nodes and conditional edges are given.</summary>
public sealed class ServiceTests
{
    private static readonly ListChannel<string> Seen = Channel.List<string>("seen");

    [Fact]
    public async Task Each_task_has_a_scope_of_its_own_which_ends_with_it()
    {
        var units = new List<UnitOfWork>();
        await using var server = await StartAsync(units);

        var answers = await Task.WhenAll(
            Enumerable.Range(0, 30).Select(_ => server.Root.PostAsync("/runs/wait", """{"assistant_id":"working","input":{}}""")));

        // The node and the edge behind it share a scope; the graph inside the second node has others.
        answers.ShouldAllBe(answer => answer.Json.GetProperty("seen").GetArrayLength() == 3);
        foreach (var answer in answers)
        {
            var seen = answer.Json.GetProperty("seen").EnumerateArray().Select(item => item.GetString()).ToArray();
            seen.Distinct().Count().ShouldBe(3);
        }

        units.Count.ShouldBe(90);
        units.ShouldAllBe(unit => unit.IsDisposed);
    }

    [Fact]
    public async Task A_scope_outlives_the_run_when_its_code_was_left_behind()
    {
        var units = new List<UnitOfWork>();
        var hung = new TaskCompletionSource();
        var entered = new TaskCompletionSource();
        var returned = new TaskCompletionSource<bool>();
        await using var server = await TestServer.StartAsync(configureRuns: options => options.StopGrace = TimeSpan.FromMilliseconds(100), add: weft =>
        {
            weft.Services.AddScoped(_ => UnitOfWork.New(units));
            weft.AddGraph("hung", new StateGraph().AddChannel(Seen).AddNode("work", async (context, _) =>
            {
                var unit = context.Services.GetRequiredService<UnitOfWork>();
                entered.SetResult();
                await hung.Task;
                returned.SetResult(unit.IsDisposed);
                return StateUpdate.None;
            }).AddEdge(StateGraph.Start, "work").Compile());
        });
        var run = await server.Root.PostAsync(
            $"/threads/{await server.Root.NewThreadAsync()}/runs", """{"assistant_id":"hung","input":{}}""");
        await entered.Task.Within("the node to run");
        await server.Root.PostAsync($"{run.RunPath}/cancel?wait=1");
        units.Single().IsDisposed.ShouldBeFalse();

        hung.SetResult();

        (await returned.Task.Within("the node to return")).ShouldBeFalse();
        await Waiting.Until(() => Task.FromResult(units.Single().IsDisposed), "the scope to be disposed");
    }

    private static Task<TestServer> StartAsync(List<UnitOfWork> units) => TestServer.StartAsync(add: weft =>
    {
        weft.Services.AddScoped(_ => UnitOfWork.New(units));
        var inside = new StateGraph().AddChannel(Seen).AddNode("inside", WorkAsync).AddEdge(StateGraph.Start, "inside").Compile();
        weft.AddGraph("working", new StateGraph().AddChannel(Seen)
            .AddNode("first", WorkAsync)
            .AddNode("second", async (context, cancellationToken) =>
            {
                var own = context.Services.GetRequiredService<UnitOfWork>();
                var values = await context.RunAsync(inside, StateUpdate.None, cancellationToken);
                return new StateUpdate().Add(Seen, own.Name, values.Get(Seen)![0]);
            })
            .AddEdge(StateGraph.Start, "first")
            .AddConditionalEdges(
                "first",
                context => context.Services.GetRequiredService<UnitOfWork>().Name == context.Get(Seen)![0] ? "second" : StateGraph.End)
            .Compile());
    });

    private static async Task<NodeResult> WorkAsync(NodeContext context, CancellationToken cancellationToken) =>
        new StateUpdate().Add(Seen, await context.Services.GetRequiredService<UnitOfWork>().WorkAsync());

    /// <summary>Like a <c>DbContext</c>: for one caller at a time.</summary>
    private sealed class UnitOfWork(int number) : IAsyncDisposable
    {
        private int _users;

        public string Name { get; } = $"unit {number}";

        public bool IsDisposed { get; private set; }

        public static UnitOfWork New(List<UnitOfWork> all)
        {
            lock (all)
            {
                var unit = new UnitOfWork(all.Count);
                all.Add(unit);
                return unit;
            }
        }

        public async Task<string> WorkAsync()
        {
            ObjectDisposedException.ThrowIf(IsDisposed, this);
            if (Interlocked.Increment(ref _users) > 1)
            {
                throw new InvalidOperationException("A second operation was started before the first one was done.");
            }

            await Task.Delay(5);
            Interlocked.Decrement(ref _users);
            return Name;
        }

        public ValueTask DisposeAsync()
        {
            IsDisposed = true;
            return default;
        }
    }
}
