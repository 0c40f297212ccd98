using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Weft.AotSmoke;
using Weft.Graphs;
using Weft.Runs;

// Runs graphs on threads in a database, without reflection, and prints what came of it. The server is another one at the answer.
var folder = Directory.CreateTempSubdirectory("weft-aot-");
var trip = Trip.Graph();
var essay = Trip.Essay();
try
{
    var trips = await RunAsync("trip", null, """{"input":{}}""");
    await RunAsync("trip", trips, """{"command":{"resume":"yes"}}""");
    var essays = await RunAsync("essay", null, """{"input":{"City":"Oslo","Stops":[]}}""");
    await RunAsync("essay", essays, """{"command":{"resume":"fine"}}""");
    Console.WriteLine(trip.Schemas.State);
}
finally
{
    folder.Delete(recursive: true);
}

async Task<ThreadId> RunAsync(string graph, ThreadId? thread, string body)
{
    var builder = Host.CreateEmptyApplicationBuilder(null);
    builder.Services.AddWeftRuns().AddWeftSqlite(options => options.Path = Path.Combine(folder.FullName, "weft.db"));
    new WeftBuilder(builder.Services).AddGraph("trip", trip).AddGraph("essay", essay);
    using var host = builder.Build();
    await host.StartAsync();
    var me = new Actor("me");
    var json = JsonElement.Parse(body);
    var threadId = thread ?? (await host.Services.GetRequiredService<ThreadsFacade>().CreateAsync(me, null, "{}", null, returnExisting: false, CancellationToken.None)).Thread.ThreadId;
    var spec = new RunSpec
    {
        ThreadId = threadId,
        AssistantId = AssistantIds.ForGraph(graph),
        Input = json.TryGetProperty("input", out var input) ? input : null,
        Command = json.TryGetProperty("command", out var command) ? command : null,
        StreamModes = ["values", "updates", "tasks", "checkpoints", "debug", "events"],
        StreamResumable = true,
        KeepThread = true,
        MultitaskStrategy = MultitaskStrategy.Enqueue,
    };
    var (_, outcome) = await host.Services.GetRequiredService<RunsFacade>().CreateAndWaitAsync(me, spec, CancellationToken.None);
    var ended = await outcome;
    Console.WriteLine($"{ended.Status} {ended.Failure?.Message}{Encoding.UTF8.GetString(GraphJson.Encode(ended, static (writer, ended) => ended.WriteValues(writer)))}");
    await host.StopAsync();
    return threadId;
}
