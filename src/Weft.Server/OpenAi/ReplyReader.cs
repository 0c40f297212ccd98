using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Weft.Runs;

namespace Weft.Server;

/// <summary>Reads the reply of a run from its stream until the run ends. If the client disconnects, the run is cancelled.</summary>
internal sealed class ReplyReader(
    RunsFacade runs, WeftServerOptions options, ServerMetrics metrics, ServerStop stop, TimeProvider time)
{
    private const int UnflushedBytesMax = 64 * 1024;

    /// <summary>Reads until the run ends. Nothing is sent to the client meanwhile.</summary>
    /// <returns>Why it stopped. If the client has disconnected, the run is cancelled.</returns>
    public Task<ReplyEnd> ReadAsync(HttpContext http, RunRecord run, RunStreamReader reader, Reply reply) =>
        ReadAsync(http, run, reader, reply, null, cancels: true);

    /// <summary>Reads until the run ends, and sends what the reply writes to <paramref name="output"/>.</summary>
    /// <param name="http">The call.</param>
    /// <param name="run">The run.</param>
    /// <param name="reader">The stream of the run.</param>
    /// <param name="reply">The reply.</param>
    /// <param name="output">The response; null to send nothing.</param>
    /// <param name="cancels">Whether a run whose client disconnects is cancelled.</param>
    public async Task<ReplyEnd> ReadAsync(
        HttpContext http, RunRecord run, RunStreamReader reader, Reply reply, PipeWriter? output, bool cancels)
    {
        var end = ReplyEnd.Disconnected;
        if (output is not null)
        {
            metrics.ReaderOpened();
        }

        try
        {
            await using var beats = new Heartbeat(time, options.HeartbeatInterval);
            end = await ReadAsync(http, reader, reply, output, beats);
        }
        catch (Exception e) when (e is IOException || (e is OperationCanceledException && http.RequestAborted.IsCancellationRequested))
        {
            // The client disconnected while something was sent.
        }
        finally
        {
            if (output is not null)
            {
                metrics.ReaderClosed();
            }
        }

        if (end == ReplyEnd.Disconnected)
        {
            http.Abort();
            if (cancels)
            {
                await runs.CancelAsync(run, CancelAction.Interrupt, "The client went away.", CancellationToken.None);
            }
        }

        return end;
    }

    private async Task<ReplyEnd> ReadAsync(HttpContext http, RunStreamReader reader, Reply reply, PipeWriter? output, Heartbeat beats)
    {
        Action<object?> wake = static reader => ((RunStreamReader)reader!).Wake();
        using var gone = http.RequestAborted.UnsafeRegister(wake, reader);
        using var stopping = stop.OfRuns.UnsafeRegister(wake, reader);
        using var entered = stop.Enter();
        beats.Wake(reader.Wake);
        while (!http.RequestAborted.IsCancellationRequested)
        {
            var read = ReadAvailable(reader, reply, output);
            if (reader.TakeMissed() > 0)
            {
                return ReplyEnd.Lost;
            }

            if (output is not null && !await FlushAsync(http, output, beats))
            {
                return ReplyEnd.Disconnected;
            }

            if (reply.Status is not null)
            {
                return ReplyEnd.Complete;
            }

            if (!read && (stop.OfRuns.IsCancellationRequested || !await reader.WaitAsync()))
            {
                // The server stops, or another server continues the run.
                return ReplyEnd.Stopping;
            }
        }

        return ReplyEnd.Disconnected;
    }

    /// <summary>Reads what there is, up to what is sent in one piece. Returns whether there was anything.</summary>
    private bool ReadAvailable(RunStreamReader reader, Reply reply, PipeWriter? output)
    {
        var read = false;
        while (output is null || output.UnflushedBytes < UnflushedBytesMax)
        {
            var events = reader.TryRead();
            if (events.IsEmpty)
            {
                break;
            }

            read = true;
            if (output is not null)
            {
                metrics.EventsWritten(events.Length);
            }

            foreach (var added in events)
            {
                reply.Add(added.Part);
            }
        }

        return read;
    }

    /// <summary>Sends what was written, or a heartbeat if it is due. Returns whether the client still reads.</summary>
    private static async ValueTask<bool> FlushAsync(HttpContext http, PipeWriter output, Heartbeat beats)
    {
        if (output.UnflushedBytes == 0)
        {
            if (!beats.TryTake())
            {
                return true;
            }

            output.Write(": heartbeat\n\n"u8);
        }

        beats.Wrote();
        return !(await output.FlushAsync(http.RequestAborted)).IsCompleted;
    }
}
