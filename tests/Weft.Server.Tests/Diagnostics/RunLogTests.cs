using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Weft.Server.Tests.Diagnostics;

/// <summary>What the log says of each run.</summary>
public sealed class RunLogTests
{
    [Fact]
    public async Task Each_run_has_one_line_for_its_start_and_one_for_its_end()
    {
        var log = new RecordedLog();
        await using var server = await TestServer.StartAsync(add: weft => weft.Services.AddSingleton<ILoggerProvider>(log));

        var run = (await server.Root.PostAsync("/runs/wait", Bodies.Echo())).ShouldBeOk();
        var failed = await server.Root.PostAsync("/runs/wait", Bodies.Failing());

        var lines = await LinesOfAsync(log, run.RunId, 2);
        lines[0].ShouldMatch($"^Started run {run.RunId} of thread [0-9a-f-]{{36}}: assistant [0-9a-f-]{{36}}, graph echo, attempt 1[.]$");
        lines[1].ShouldMatch(
            $"^Ended run {run.RunId} of thread [0-9a-f-]{{36}}: assistant [0-9a-f-]{{36}}, graph echo, attempt 1, status success, [0-9]+[.][0-9] ms[.]$");
        (await LinesOfAsync(log, failed.RunId, 2))[1].ShouldContain("status error");
    }

    [Fact]
    public async Task A_run_that_is_cancelled_before_it_starts_has_a_line_too()
    {
        var log = new RecordedLog();
        await using var server = await TestServer.StartAsync(add: weft => weft.Services.AddSingleton<ILoggerProvider>(log));
        var thread = await server.Root.NewThreadAsync();
        var run = await server.Root.PostAsync($"/threads/{thread}/runs", Bodies.Echo(more: ""","after_seconds":3600"""));

        (await server.Root.PostAsync($"{run.RunPath}/cancel?wait=true")).ShouldBeOk();

        (await LinesOfAsync(log, run.RunId, 1)).ShouldHaveSingleItem().ShouldContain("which had not started");
    }

    /// <summary>Returns the lines of a run. The last one is written after those who wait for the run are notified.</summary>
    private static async Task<string[]> LinesOfAsync(RecordedLog log, string runId, int count)
    {
        await Waiting.Until(() => Task.FromResult(LinesOf(log, runId).Length >= count), $"{count} lines");
        var lines = LinesOf(log, runId);
        lines.Length.ShouldBe(count);
        return lines;
    }

    private static string[] LinesOf(RecordedLog log, string runId) =>
        [.. log.Lines.Where(line => line.Level == LogLevel.Information && line.Line.Contains(runId)).Select(line => line.Line)];
}
