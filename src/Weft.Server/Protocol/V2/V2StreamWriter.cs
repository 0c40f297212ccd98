using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Weft.Runs;

namespace Weft.Server;

/// <summary>
/// Writes the events of a thread as server-sent events (docs/protocol/v2.md 8): all that are kept and match the filter, then
/// those to come, until the client disconnects, the thread is deleted or the server stops.
/// </summary>
internal sealed class V2StreamWriter(
    WeftServerOptions options, ServerMetrics metrics, IHostApplicationLifetime lifetime, TimeProvider time)
{
    private const int UnflushedBytesMax = 64 * 1024;

    public async Task WriteAsync(HttpContext http, ThreadLogReader reader, V2Filter filter)
    {
        await WriteHeadersAsync(http);
        metrics.ReaderOpened();
        try
        {
            await using var beats = new Heartbeat(time, options.HeartbeatInterval);
            await WriteEventsAsync(http, reader, new V2EventWriter(filter, writesFrames: true), beats);
        }
        finally
        {
            metrics.ReaderClosed();
        }
    }

    private static async Task WriteHeadersAsync(HttpContext http)
    {
        EventStreams.SetHeaders(http);
        // Sent at once: clients wait for the headers before they start a run.
        await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
    }

    private async Task WriteEventsAsync(HttpContext http, ThreadLogReader reader, V2EventWriter events, Heartbeat beats)
    {
        var output = http.Response.BodyWriter;
        Action<object?> wake = static reader => ((ThreadLogReader)reader!).Wake();
        using var gone = http.RequestAborted.UnsafeRegister(wake, reader);
        using var stopping = lifetime.ApplicationStopping.UnsafeRegister(wake, reader);
        beats.Wake(reader.Wake);
        while (!http.RequestAborted.IsCancellationRequested)
        {
            var wrote = WriteAvailable(output, reader, events);
            while (reader.MustFetch && output.UnflushedBytes < UnflushedBytesMax && await reader.WaitAsync())
            {
                // Clients end a subscription when a run has ended and nothing follows at once.
                wrote |= WriteAvailable(output, reader, events);
            }

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
                    return;
                }
            }

            if (lifetime.ApplicationStopping.IsCancellationRequested)
            {
                if (!wrote)
                {
                    return;
                }
            }
            else if (!await reader.WaitAsync())
            {
                return;
            }
        }
    }

    private bool WriteAvailable(PipeWriter output, ThreadLogReader reader, V2EventWriter events)
    {
        var before = output.UnflushedBytes;
        var written = 0;
        while (output.UnflushedBytes - before < UnflushedBytesMax)
        {
            var entries = reader.TryRead();
            if (entries.IsEmpty)
            {
                break;
            }

            if (reader.TakeMissed() is > 0 and var missed)
            {
                events.WriteGap(output, missed, entries[0]);
            }

            foreach (var entry in entries)
            {
                if (events.Wants(entry) && events.TryWrite(output, entry))
                {
                    written++;
                }
            }
        }

        metrics.EventsWritten(written);
        return output.UnflushedBytes > before;
    }
}
