using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Weft.Runs;

namespace Weft.Server;

/// <summary>Writes a run as server-sent events of AG-UI, until it ends, the client disconnects or the server stops.</summary>
internal sealed class AgUiStreamWriter(
    AgUiThreads threads,
    WeftServerOptions options,
    ServerMetrics metrics,
    ServerStop stop,
    TimeProvider time)
{
    private const int UnflushedBytesMax = 64 * 1024;

    /// <summary>Writes the response of a run; false if the client has disconnected before the end.</summary>
    public async Task<bool> WriteAsync(HttpContext http, RunAgentInput input, RunStreamReader reader, bool hasConversation)
    {
        EventStreams.SetHeaders(http);
        var frames = new AgUiFrames(http.Response.BodyWriter);
        var events = new AgUiEncoder(frames, input, hasConversation);
        metrics.ReaderOpened();
        try
        {
            events.Start();
            await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
            await using var beats = new Heartbeat(time, options.HeartbeatInterval);
            return await WriteRunAsync(http, reader, events, frames, beats);
        }
        finally
        {
            metrics.ReaderClosed();
            metrics.EventsWritten(frames.Count);
        }
    }

    /// <summary>Writes a response without a run: the questions that the thread waits with.</summary>
    public async Task WriteWaitingAsync(HttpContext http, RunAgentInput input, AgUiThread thread, bool withMessages)
    {
        EventStreams.SetHeaders(http);
        var frames = new AgUiFrames(http.Response.BodyWriter);
        var events = new AgUiEncoder(frames, input, thread.State.Messages is not null);
        events.Start();
        events.Ask(thread.State, thread.Interrupts, withMessages);
        metrics.EventsWritten(frames.Count);
        await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
    }

    private async Task<bool> WriteRunAsync(
        HttpContext http, RunStreamReader reader, AgUiEncoder events, AgUiFrames frames, Heartbeat beats)
    {
        var output = http.Response.BodyWriter;
        Action<object?> wake = static reader => ((RunStreamReader)reader!).Wake();
        using var gone = http.RequestAborted.UnsafeRegister(wake, reader);
        using var stopping = stop.OfRuns.UnsafeRegister(wake, reader);
        using var entered = stop.Enter();
        beats.Wake(reader.Wake);
        while (!http.RequestAborted.IsCancellationRequested)
        {
            var before = frames.Count;
            var isAtEnd = WriteAvailable(output, reader, events, out var end);
            if (end is not null)
            {
                await EndAsync(http, reader, events, end);
            }
            else if (isAtEnd && stop.OfRuns.IsCancellationRequested)
            {
                events.Fail("The server is stopping. The run continues after the next start.", "server_stopping");
            }

            var ended = events.HasEnded;
            var wrote = frames.Count > before;
            if (!wrote && beats.TryTake())
            {
                output.Write(": heartbeat\n\n"u8);
                wrote = true;
            }

            if (wrote)
            {
                beats.Wrote();
                if ((await output.FlushAsync(http.RequestAborted)).IsCompleted)
                {
                    return ended;
                }
            }

            if (ended)
            {
                return true;
            }

            if (isAtEnd && !await reader.WaitAsync() && !stop.OfRuns.IsCancellationRequested)
            {
                events.Fail("The run continues on another server.", "run_moved");
                await output.FlushAsync(http.RequestAborted);
                return true;
            }
        }

        return false;
    }

    /// <summary>Writes the end of the run. If its last state is among the missed events, the state of the thread takes its place.</summary>
    private async Task EndAsync(HttpContext http, RunStreamReader reader, AgUiEncoder events, RunEndPart end)
    {
        if (events.MissesState && end.Status == RunStatus.Success)
        {
            var thread = await threads.ReadHeadAsync(Requests.ActorOf(http), reader.ThreadId, http.RequestAborted);
            events.Show(thread.State, thread.Interrupts);
        }

        events.Write(end);
    }

    /// <summary>Writes what is available, up to a bound; true if everything was written.</summary>
    private static bool WriteAvailable(PipeWriter output, RunStreamReader reader, AgUiEncoder events, out RunEndPart? end)
    {
        end = null;
        var before = output.UnflushedBytes;
        while (output.UnflushedBytes - before < UnflushedBytesMax)
        {
            var added = reader.TryRead();
            if (reader.TakeMissed() is > 0 and var missed)
            {
                events.Gap(missed);
            }

            if (added.IsEmpty)
            {
                return true;
            }

            foreach (var next in added)
            {
                if ((end = next.Part as RunEndPart) is not null)
                {
                    return true;
                }

                events.Write(next.Part);
            }
        }

        return false;
    }
}
