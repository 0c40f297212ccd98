using System.Diagnostics;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Console;
using Weft.Host.Diagnostics;

namespace Weft.Host.Tests;

/// <summary>The log of a server whose output is no terminal.</summary>
public sealed class LogTests : HostTests
{
    private const int Runs = 20;

    [Theory]
    [InlineData(null, "info: Weft.Runs.RunExecutor[10]\n      Started run ")]
    [InlineData("systemd", "<6>Weft.Runs.RunExecutor[10] Started run ")]
    [InlineData("json", """{"EventId":10,"LogLevel":"Information","Category":"Weft.Runs.RunExecutor","Message":"Started run """)]
    public async Task Each_run_has_a_line_when_it_starts_and_then_one_when_it_ends_in_every_format(string? formatter, string start)
    {
        using var server = HostProcess.Start(Folder, Format(formatter), "--urls", "http://127.0.0.1:0");

        var ids = await ExecuteAsync(await AddressAsync(server));
        var log = await StopAsync(server, server.StandardOutput);

        foreach (var id in ids)
        {
            var started = log.IndexOf(start + id, StringComparison.Ordinal);
            started.ShouldBeGreaterThanOrEqualTo(0, log);
            log.IndexOf($"Ended run {id}", StringComparison.Ordinal).ShouldBeGreaterThan(started);
        }
    }

    [Fact]
    public async Task Lines_go_to_standard_error_from_the_level_of_the_settings_on()
    {
        var settings = new Dictionary<string, string> { ["Logging__Console__LogToStandardErrorThreshold"] = "Information" };
        using var server = HostProcess.Start(Folder, settings, "--urls", "http://127.0.0.1:0");

        var ids = await ExecuteAsync(await AddressAsync(server));
        var log = await StopAsync(server, server.StandardError);

        ids.ShouldAllBe(id => log.Contains($"Ended run {id}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_error_is_written_at_once_with_what_came_before()
    {
        await using var output = new Output();
        using var lines = new LineBatch(() => output, Timeout.InfiniteTimeSpan);

        Add(lines, "one\n");
        Add(lines, "two\n");
        Add(lines, "failed\n", isUrgent: true);

        await output.Written("one\ntwo\nfailed\n").WaitAsync(Stop);
    }

    [Fact]
    public async Task A_line_after_the_end_is_written_also_if_it_is_the_first()
    {
        await using var output = new Output();
        var lines = new LineBatch(() => output, Timeout.InfiniteTimeSpan);

        lines.Dispose();
        Add(lines, "late\n");

        output.Text.ShouldBe("late\n");
    }

    [Fact]
    public async Task What_waits_is_written_at_the_end_and_what_comes_later_too()
    {
        await using var output = new Output();
        var lines = new LineBatch(() => output, Timeout.InfiniteTimeSpan);

        Add(lines, "last ✓\n");
        lines.Dispose();
        Add(lines, "late\n");

        output.Text.ShouldBe("last ✓\nlate\n");
    }

    [Theory]
    [InlineData(ConsoleLoggerQueueFullMode.Wait)]
    [InlineData(ConsoleLoggerQueueFullMode.DropWrite)]
    public async Task Lines_for_an_output_that_takes_no_more_are_bounded(ConsoleLoggerQueueFullMode whenFull)
    {
        await using var output = new Output();
        using var lines = new LineBatch(() => output, TimeSpan.Zero);
        var text = new string('x', 99_999) + '\n';
        output.Stop();

        // The writer has taken the first lines, and some more fill what may wait.
        var adding = Task.Factory.StartNew(
            () =>
            {
                for (var i = 0; i < 100; i++)
                {
                    Add(lines, text, whenFull: whenFull);
                }
            },
            Stop,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        if (whenFull == ConsoleLoggerQueueFullMode.DropWrite)
        {
            await adding;
        }

        output.Continue();
        await adding;
        lines.Dispose();
        if (whenFull == ConsoleLoggerQueueFullMode.Wait)
        {
            output.Text.Length.ShouldBe(100 * text.Length);
        }
        else
        {
            output.Text.Length.ShouldBeLessThan(50 * text.Length);
            (output.Text.Length % text.Length).ShouldBe(0);
        }
    }

    private static Dictionary<string, string> Format(string? formatter) =>
        formatter is null ? [] : new() { ["Logging__Console__FormatterName"] = formatter };

    private static void Add(
        LineBatch lines,
        string text,
        bool isUrgent = false,
        ConsoleLoggerQueueFullMode whenFull = ConsoleLoggerQueueFullMode.Wait) => lines.Add(new StringBuilder(text), isUrgent, whenFull);

    private static async Task<IReadOnlyList<string>> ExecuteAsync(Uri address)
    {
        using var client = new HttpClient { BaseAddress = address };
        return await Task.WhenAll(Enumerable.Range(0, Runs).Select(async _ =>
        {
            using var answer = await client.PostAsJsonAsync("/runs/wait", new { assistant_id = "agent", input = new { messages = "hi" } }, Stop);
            answer.EnsureSuccessStatusCode();
            return answer.Content.Headers.ContentLocation.ShouldNotBeNull().ToString().Split('/')[^1];
        }));
    }

    private static async Task<Uri> AddressAsync(Process server)
    {
        var line = await server.StandardOutput.ReadLineAsync(Stop);
        return new Uri(line.ShouldNotBeNull().Replace("Weft listens on ", "", StringComparison.Ordinal));
    }

    /// <summary>Ends the server and returns the rest of what it printed.</summary>
    private static async Task<string> StopAsync(Process server, StreamReader output)
    {
        using (var kill = Process.Start("kill", ["-TERM", $"{server.Id}"]))
        {
            await kill.WaitForExitAsync(Stop);
        }

        var log = await output.ReadToEndAsync(Stop);
        await server.WaitForExitAsync(Stop);
        return log;
    }

    /// <summary>Collects what is written, and can take no more for a while.</summary>
    private sealed class Output : MemoryStream
    {
        private readonly ManualResetEventSlim _takes = new(initialState: true);
        private readonly Lock _lock = new();
        private (string Text, TaskCompletionSource Seen)? _awaited;

        public string Text
        {
            get
            {
                lock (_lock)
                {
                    return Encoding.UTF8.GetString(GetBuffer(), 0, (int)Length);
                }
            }
        }

        public void Stop() => _takes.Reset();

        public void Continue() => _takes.Set();

        /// <summary>Completes when exactly this was written.</summary>
        public Task Written(string text)
        {
            lock (_lock)
            {
                var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _awaited = (text, seen);
                Look();
                return seen.Task;
            }
        }

        public override void Write(ReadOnlySpan<byte> buffer) => Write(buffer.ToArray(), 0, buffer.Length);

        public override void Write(byte[] buffer, int offset, int count)
        {
            _takes.Wait(CancellationToken.None);
            lock (_lock)
            {
                base.Write(buffer, offset, count);
                Look();
            }
        }

        protected override void Dispose(bool disposing)
        {
            _takes.Set();
            base.Dispose(disposing);
        }

        private void Look()
        {
            if (_awaited is var (text, seen) && text == Encoding.UTF8.GetString(GetBuffer(), 0, (int)Length))
            {
                seen.TrySetResult();
            }
        }
    }
}
