using System.Buffers;
using Microsoft.AspNetCore.Http;
using Weft.Runs;

namespace Weft.Server;

/// <summary>Waits for the ends of runs, and keeps the connections of those who wait open.</summary>
internal sealed class RunWaits(RunsFacade runs, WeftServerOptions options, ServerStop stop, TimeProvider time)
{
    /// <summary>Waits for the end of a run.</summary>
    /// <param name="http">The call.</param>
    /// <param name="run">The run.</param>
    /// <param name="outcome">Its end.</param>
    /// <param name="cancelOnDisconnect">Whether to cancel the run if the client disconnects.</param>
    /// <param name="beat">Writes something that does not change the response. It is called after each silent interval.</param>
    /// <returns>The end; null if there is nothing to answer, because the client has disconnected or this server lets the run go.</returns>
    public async Task<RunOutcome?> WaitAsync(
        HttpContext http, RunRecord run, Task<RunOutcome> outcome, bool cancelOnDisconnect, Func<HttpContext, Task> beat)
    {
        try
        {
            await WaitAsync(http, outcome, beat);
        }
        catch (Exception e) when (IsDisconnect(http, e))
        {
            http.Abort();
            if (cancelOnDisconnect)
            {
                await runs.CancelAsync(run, CancelAction.Interrupt, "The client went away.", CancellationToken.None);
            }

            return null;
        }
        catch (OperationCanceledException) when (stop.OfRuns.IsCancellationRequested)
        {
            await LetGoAsync(http);
            return null;
        }

        var ended = await outcome;
        if (ended.Status is RunStatus.Pending or RunStatus.Running)
        {
            // This server no longer executes the run, which has not ended. Without a response the client asks again.
            http.Abort();
            return null;
        }

        return ended;
    }

    /// <summary>
    /// Writes a line feed. Leading whitespace is valid in JSON, and proxies do not close a connection that sends something.
    /// </summary>
    public static async Task WriteSpaceAsync(HttpContext http)
    {
        var output = http.Response.BodyWriter;
        output.Write("\n"u8);
        await output.FlushAsync(http.RequestAborted);
    }

    /// <summary>Whether the client has disconnected, which is found when the request is aborted or a write fails.</summary>
    public static bool IsDisconnect(HttpContext http, Exception exception) =>
        exception is IOException || (exception is OperationCanceledException && http.RequestAborted.IsCancellationRequested);

    /// <exception cref="OperationCanceledException">The client has disconnected, or the server stops.</exception>
    private async Task WaitAsync(HttpContext http, Task<RunOutcome> outcome, Func<HttpContext, Task> beat)
    {
        if (outcome.IsCompleted)
        {
            return;
        }

        using var letGo = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, stop.OfRuns);
        using var entered = stop.Enter();
        while (!outcome.IsCompleted)
        {
            try
            {
                await outcome.WaitAsync(options.HeartbeatInterval, time, letGo.Token);
            }
            catch (TimeoutException) when (!outcome.IsCompleted)
            {
                await beat(http);
            }
        }
    }

    /// <summary>Ends the request because the server stops. The run continues after the next start, and can be joined then.</summary>
    private static async Task LetGoAsync(HttpContext http)
    {
        if (http.Response.HasStarted)
        {
            http.Abort();
        }
        else
        {
            const string message = "The server is stopping. The run continues after the next start.";
            await Problems.WriteAsync(http, StatusCodes.Status503ServiceUnavailable, message, null, false);
        }
    }
}
