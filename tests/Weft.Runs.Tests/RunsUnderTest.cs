using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Weft.Graphs;
using Weft.Graphs.Tests.Streaming;

namespace Weft.Runs.Tests;

/// <summary>
/// A server without HTTP, on SQLite, with one graph: <c>note</c> writes down the text of the input, then <c>reply</c> answers it.
/// A text that begins with <c>hold</c> is answered when the test says so, <c>slow</c> takes a moment,
/// <c>fail</c> fails, <c>ask</c> asks, and what is written down of <c>large</c> has 200,000 characters.
/// A text that ends with <c>flood</c> streams 20 values of 5,000 characters, one that ends with <c>put</c> puts an item.
/// </summary>
internal sealed class RunsUnderTest : IAsyncDisposable
{
    private static readonly LastValueChannel<string> Said = Channel.LastValue("text", "");
    private static readonly ListChannel<string> Trail = Channel.List<string>("trail");

    private readonly string _folder;
    private readonly ConcurrentDictionary<string, Hold> _holds = new();
    private readonly ServiceProvider _services;
    private readonly Dictionary<string, int> _executing = [];

    private RunsUnderTest(Action<RunsOptions>? configure, RunsUnderTest? before, Action<IServiceCollection>? add)
    {
        _folder = before?._folder ?? Directory.CreateTempSubdirectory("weft-runs-").FullName;
        Time = before?.Time ?? new SteppingTime();
        var services = new ServiceCollection().AddLogging().AddWeftRuns().AddWeftSqlite(options =>
        {
            options.Path = File;
            options.BusyTimeout = TimeSpan.FromMilliseconds(20);
        });
        services.AddSingleton<TimeProvider>(Time);
        services.Configure<RunsOptions>(options => options.DrainTimeout = TimeSpan.Zero);
        if (configure is not null)
        {
            services.Configure(configure);
        }

        add?.Invoke(services);
        new WeftBuilder(services).AddGraph("talk", Graph());
        _services = services.BuildServiceProvider();
    }

    public static Actor Me { get; } = new("me");

    public static Actor Other { get; } = new("other");

    public SteppingTime Time { get; }

    public RunsFacade Runs => _services.GetRequiredService<RunsFacade>();

    public RunStreams Streams => _services.GetRequiredService<RunStreams>();

    public ThreadsFacade Threads => _services.GetRequiredService<ThreadsFacade>();

    public ThreadStates States => _services.GetRequiredService<ThreadStates>();

    /// <summary>The most runs that executed at once, and the most of one thread.</summary>
    public (int OfAll, int OfOne) ExecutingMax { get; private set; }

    /// <summary>How many values the last <c>flood</c> has streamed.</summary>
    public int Flooded { get; private set; }

    /// <summary>How many nodes execute now, also of runs that have ended.</summary>
    public int Executing
    {
        get
        {
            lock (_executing)
            {
                return _executing.Values.Sum();
            }
        }
    }

    /// <summary>The database file.</summary>
    public string File => Path.Combine(_folder, "weft.db");

    public ItemsFacade Items => _services.GetRequiredService<ItemsFacade>();

    public IItemStore ItemStore => _services.GetRequiredService<IItemStore>();

    public IMeterFactory Meters => _services.GetRequiredService<IMeterFactory>();

    public CronsFacade Crons => _services.GetRequiredService<CronsFacade>();

    public CronFiring Firing => _services.GetRequiredService<CronFiring>();

    public IRunStore Store => _services.GetRequiredService<IRunStore>();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <param name="configure">Sets limits.</param>
    /// <param name="before">A server that has stopped, whose data and clock this one takes over.</param>
    /// <param name="add">Adds services.</param>
    public static async Task<RunsUnderTest> StartAsync(
        Action<RunsOptions>? configure = null, RunsUnderTest? before = null, Action<IServiceCollection>? add = null)
    {
        var runs = new RunsUnderTest(configure, before, add);
        foreach (var service in runs._services.GetServices<IHostedService>())
        {
            await service.StartAsync(Stop);
        }

        foreach (var service in runs._services.GetServices<IHostedService>().OfType<IHostedLifecycleService>())
        {
            await service.StartedAsync(Stop);
        }

        return runs;
    }

    public async Task<ThreadId> NewThreadAsync() => (await Threads.CreateAsync(Me, null, "{}", null, false, Stop)).Thread.ThreadId;

    /// <summary>Where a text that begins with <c>hold</c> waits.</summary>
    public Hold HoldOf(string text) => _holds.GetOrAdd(text, _ => new Hold());

    /// <summary>A run with the defaults of the platform.</summary>
    public static RunSpec Spec(ThreadId? thread, string text) => new()
    {
        ThreadId = thread,
        AssistantId = AssistantIds.ForGraph("talk"),
        Input = JsonElement.Parse(JsonSerializer.Serialize(new { text })),
        MultitaskStrategy = MultitaskStrategy.Enqueue,
        CreateThread = thread is null,
        KeepThread = thread is not null,
    };

    public Task<RunRecord> CreateAsync(ThreadId? thread, string text, string? strategy = null) => CreateAsync(
        thread,
        text,
        spec => strategy is null ? spec : spec with { MultitaskStrategy = Enum.Parse<MultitaskStrategy>(strategy, ignoreCase: true) });

    public Task<RunRecord> CreateAsync(ThreadId? thread, string text, Func<RunSpec, RunSpec> change) =>
        Runs.CreateBackgroundAsync(Me, change(Spec(thread, text)), Stop);

    public async Task<RunOutcome> EndAsync(RunRecord run) =>
        await Runs.JoinWaitAsync(Me, run, Stop).WaitAsync(TimeSpan.FromSeconds(20), Stop);

    public async Task<RunStatus?> StatusAsync(RunRecord run) => (await Runs.FindAsync(Me, run.ThreadId, run.RunId, Stop))?.Status;

    public async Task<ThreadStatus> StatusAsync(ThreadId thread) => (await Threads.GetAsync(Me, thread, Stop)).Thread.Status;

    /// <summary>What the thread's state says was done, one after another.</summary>
    public async Task<string> TrailAsync(ThreadId thread)
    {
        var state = await States.GetAsync(Me, thread, CheckpointAddress.Head, subgraphs: false, Stop);
        return state is null ? "" : TrailOf(state);
    }

    public static string TrailOf(StateSnapshot state) => string.Join(' ', state.Checkpoint.Values.Get(Trail)!);

    public async Task<IReadOnlyList<string>> EventsAsync(RunRecord run, long? after = -1)
    {
        using var reader = await Runs.JoinStreamAsync(run, after, null, null, Stop);
        var events = new List<string>();
        do
        {
            Take(reader, events);
        }
        while (await reader.WaitAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20), Stop));

        return events;
    }

    public static string ValuesOf(RunOutcome outcome, bool withInterrupts = true)
    {
        var output = new ArrayBufferWriter<byte>();
        outcome.WriteValues(output, withInterrupts);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Stops the server and leaves its database.</summary>
    public async Task StopAsync()
    {
        foreach (var service in _services.GetServices<IHostedService>())
        {
            await service.StopAsync(CancellationToken.None);
        }

        await _services.DisposeAsync();
    }

    /// <summary>Holds the database as another process does, so that nothing can be written, until that is disposed of.</summary>
    public SqliteConnection HoldDatabase()
    {
        var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        connection.Open();
        Execute(connection, "BEGIN IMMEDIATE");
        return connection;
    }

    /// <summary>Changes the database behind the server's back.</summary>
    public void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        connection.Open();
        Execute(connection, sql);
    }

    /// <summary>Makes the server forget a run that waits, as a failure of its own might.</summary>
    public async Task ForgetAsync(RunRecord run)
    {
        using var visit = _services.GetRequiredService<ThreadSessions>().Open(run.ThreadId);
        await using var turn = await visit.Session.EnterAsync(Stop);
        turn.Runs.Remove(turn.Runs.Find(run.RunId)!);
        _services.GetRequiredService<RunStreams>().Remove(run.RunId);
    }

    /// <summary>Makes the server lose a run that executes, as a failure of storage does. It is taken over again.</summary>
    /// <param name="run">The run.</param>
    /// <param name="stops">Whether its code is stopped. Otherwise it goes on next to the one of the next attempt.</param>
    public async Task LoseAsync(RunRecord run, bool stops = true)
    {
        using var visit = _services.GetRequiredService<ThreadSessions>().Open(run.ThreadId);
        ActiveRun active;
        await using (await visit.Session.EnterAsync(Stop))
        {
            active = visit.Session.Runs.Find(run.RunId)!;
        }

        await visit.Session.LoseAsync(active);
        if (stops)
        {
            active.Stop();
        }
    }

    /// <summary>Returns a number from the database.</summary>
    public long Count(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static void Take(RunStreamReader reader, List<string> events)
    {
        foreach (var e in reader.TryRead())
        {
            events.Add($"{e.Seq} {e.Part.EventOf()} {e.Part.JsonOf()}");
        }
    }

    private void Count(string thread, int change)
    {
        lock (_executing)
        {
            _executing[thread] = _executing.GetValueOrDefault(thread) + change;
            ExecutingMax = (Math.Max(ExecutingMax.OfAll, _executing.Values.Sum()), Math.Max(ExecutingMax.OfOne, _executing[thread]));
        }
    }

    private CompiledGraph Graph() => new StateGraph().AddChannels(Said, Trail)
        .AddNode(
            "note",
            context => new StateUpdate().Add(Trail, context.Get(Said) == "large" ? new string('x', 200_000) : $"note:{context.Get(Said)}"))
        .AddNode("reply", async (context, cancellationToken) =>
        {
            var text = context.Get(Said)!;
            Count(context.ThreadId, 1);
            try
            {
                if (text.StartsWith("slow", StringComparison.Ordinal))
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(text.Length), cancellationToken);
                }

                if (text.StartsWith("hold", StringComparison.Ordinal))
                {
                    var hold = HoldOf(text);
                    hold.Reached.TrySetResult();
                    await hold.Released.Task.WaitAsync(cancellationToken);
                }

                if (text.EndsWith("flood", StringComparison.Ordinal))
                {
                    Flooded = 0;
                    for (var streamed = 0; streamed < 20; Flooded = ++streamed)
                    {
                        context.Write(new string('x', 5_000));
                    }
                }

                if (text.EndsWith("put", StringComparison.Ordinal))
                {
                    await context.Store.PutAsync(
                        ItemNamespace.Create("texts"), text, JsonElement.Parse("{}"), cancellationToken: cancellationToken);
                }

                var answer = text.StartsWith("fail", StringComparison.Ordinal) ? throw new InvalidOperationException("no luck")
                    : text.StartsWith("ask", StringComparison.Ordinal) ? context.Interrupt("sure?").ToString()
                    : text;
                return new StateUpdate().Add(Trail, $"reply:{answer}");
            }
            finally
            {
                Count(context.ThreadId, -1);
            }
        })
        .AddEdge(StateGraph.Start, "note").AddEdge("note", "reply").Compile();

    internal sealed class Hold
    {
        public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Released { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
