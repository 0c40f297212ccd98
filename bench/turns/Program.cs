using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Weft.Runs;

// What a turn costs in storage: its run is created, puts three checkpoints with two messages, and ends.
//   turns (--postgres CONNECTION | --sqlite FILE) [--callers 1,16,64,256] [--seconds 5]
// A caller has a thread of its own and awaits each of the five writes. The server of PostgreSQL
// runs on this machine.
var seconds = double.Parse(Option("seconds", "5"), CultureInfo.InvariantCulture);
var services = new ServiceCollection();
int? server = null;
if (Option("postgres", "") is { Length: > 0 } connection)
{
    server = FindServer(connection);
    services.AddWeftPostgres(options => options.ConnectionString = connection);
}
else
{
    services.AddWeftSqlite(options => options.Path = Option("sqlite", "turns.db"));
}

await using var provider = services.BuildServiceProvider();
var (threads, runs, checkpoints) = (
    provider.GetRequiredService<IThreadStore>(), provider.GetRequiredService<IRunStore>(), provider.GetRequiredService<ICheckpointStore>());
var actor = new Actor("bench");
var (body, content, kwargs) = (Bytes(600), Bytes(300), Bytes(400));

await MeasureAsync(16, 1);
Console.WriteLine("| callers | turns/s | client CPU µs a turn | database CPU µs a turn | p50 ms | p99 ms |");
Console.WriteLine("| ---: | ---: | ---: | ---: | ---: | ---: |");
foreach (var callers in Option("callers", "1,16,64,256").Split(','))
{
    var measured = await MeasureAsync(int.Parse(callers, CultureInfo.InvariantCulture), seconds);
    Console.WriteLine(FormattableString.Invariant(
        $"| {callers} | {measured.Rate:F0} | {measured.Client:F0} | {measured.Database:F0} | {measured.P50:F1} | {measured.P99:F1} |"));
}

async Task<(double Rate, double Client, double Database, double P50, double P99)> MeasureAsync(int callers, double duration)
{
    var own = await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => NewThreadAsync()));
    var (client, database, start) = (Environment.CpuUsage.TotalTime, DatabaseCpu(), Stopwatch.GetTimestamp());
    var latencies = await Task.WhenAll(own.Select(thread => Task.Run(async () =>
    {
        var taken = new List<double>();
        CheckpointRecord? head = null;
        for (var turn = 1; Stopwatch.GetElapsedTime(start).TotalSeconds < duration; turn++)
        {
            var at = Stopwatch.GetTimestamp();
            head = await TurnAsync(thread, turn, head);
            taken.Add(Stopwatch.GetElapsedTime(at).TotalMilliseconds);
        }

        return taken;
    })));
    var elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
    var (clientCpu, databaseCpu) = (Environment.CpuUsage.TotalTime - client, DatabaseCpu() - database);
    double[] all = [.. latencies.SelectMany(taken => taken).Order()];
    return (
        all.Length / elapsed,
        clientCpu.TotalMicroseconds / all.Length,
        databaseCpu.TotalMicroseconds / all.Length,
        all[all.Length / 2],
        all[all.Length * 99 / 100]);
}

async Task<CheckpointRecord> TurnAsync(ThreadRecord thread, int turn, CheckpointRecord? head)
{
    var now = TimeProvider.System.GetUtcNow();
    var run = new RunRecord
    {
        RunId = RunId.New(TimeProvider.System),
        ThreadId = thread.ThreadId,
        Owner = actor.Id,
        AssistantId = new AssistantId(Guid.Empty),
        Status = RunStatus.Running,
        Attempt = 1,
        StartOrder = turn,
        Metadata = "{}",
        MultitaskStrategy = MultitaskStrategy.Enqueue,
        Kwargs = kwargs,
        CreatedAt = now,
        UpdatedAt = now,
        StartedAt = now,
    };
    var created = await runs.CreateAsync(new RunCreation { Actor = actor, Run = run }, CancellationToken.None);
    if (created != RunCreated.Created)
    {
        throw new InvalidOperationException($"The run was not created: {created}.");
    }

    var attempt = new RunAttempt(thread.ThreadId, run.RunId, 1);
    for (var step = 0; step < 3; step++)
    {
        head = NextCheckpoint(run, head, step);
        MessageRecord[] messages = step == 1 ? [] : [new MessageRecord { RunId = run.RunId, Content = content, CreatedAt = now }];
        await checkpoints.PutAsync(attempt, head, messages, CancellationToken.None);
    }

    var finish = new RunFinish
    {
        ThreadId = thread.ThreadId,
        RunId = run.RunId,
        Attempt = 1,
        Status = RunStatus.Success,
        Thread = new ThreadOutcome(ThreadStatus.Idle),
        Now = TimeProvider.System.GetUtcNow(),
    };
    return await runs.TryFinishAsync(finish, CancellationToken.None)
        ? head!
        : throw new InvalidOperationException("The run was not ended.");
}

CheckpointRecord NextCheckpoint(RunRecord run, CheckpointRecord? head, int step) => new()
{
    ThreadId = run.ThreadId,
    Namespace = "",
    CheckpointId = new CheckpointId(Guid.CreateVersion7()),
    ParentId = head?.CheckpointId,
    RunId = run.RunId,
    Ordinal = (head?.Ordinal ?? 0) + 1,
    Source = step == 0 ? "input" : "loop",
    Metadata = $$"""{"source":"{{(step == 0 ? "input" : "loop")}}","step":{{step}},"run_id":"{{run.RunId}}","thread_id":"{{run.ThreadId}}"}""",
    Body = body,
    CreatedAt = run.CreatedAt,
};

async Task<ThreadRecord> NewThreadAsync()
{
    var now = TimeProvider.System.GetUtcNow();
    var thread = new ThreadRecord { ThreadId = ThreadId.New(TimeProvider.System), Owner = actor.Id, CreatedAt = now, UpdatedAt = now };
    return await threads.TryCreateAsync(thread, CancellationToken.None) ? thread : throw new InvalidOperationException("The thread exists.");
}

// Text that compresses about as well as JSON does.
static byte[] Bytes(int count)
{
    var random = new Random(1);
    var bytes = new byte[count];
    for (var i = 0; i < count; i++)
    {
        bytes[i] = (byte)" etaoinshrdlu\"{}:,"[random.Next(18)];
    }

    return bytes;
}

// The CPU of the server's processes, those that have ended included.
TimeSpan DatabaseCpu()
{
    if (server is not { } id)
    {
        return TimeSpan.Zero;
    }

    var ticks = Stat(id)[11..15].Sum(long.Parse);
    foreach (var path in Directory.EnumerateDirectories("/proc").Where(path => int.TryParse(Path.GetFileName(path), out _)))
    {
        try
        {
            var stat = Stat(int.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture));
            ticks += int.Parse(stat[1], CultureInfo.InvariantCulture) == id ? stat[11..13].Sum(long.Parse) : 0;
        }
        catch (IOException)
        {
            // The process has ended.
        }
    }

    return TimeSpan.FromMilliseconds(ticks * 10);
}

// The fields of /proc/PID/stat after the name: the state, the parent, and at 11 the CPU of the process and of those it has waited for.
static string[] Stat(int id) => File.ReadAllText($"/proc/{id}/stat").Split(')')[^1].Trim().Split(' ');

static int FindServer(string connection)
{
    using var open = new NpgsqlConnection(connection);
    open.Open();
    using var command = new NpgsqlCommand("SELECT pg_backend_pid()", open);
    return int.Parse(Stat((int)command.ExecuteScalar()!)[1], CultureInfo.InvariantCulture);
}

string Option(string name, string fallback)
{
    var at = Array.IndexOf(args, "--" + name);
    return at < 0 ? fallback : args[at + 1];
}
