using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Http;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Server;

/// <summary>
/// Writes a run's stream as server-sent events (docs/protocol/streaming.md A8 to A10 and D2). Framing, heartbeats and the terminal
/// event are all here: ASP.NET Core's own result can't send comment lines.
/// </summary>
internal sealed class SseWriter(
    Mount mount,
    FeedbackUrls feedbackUrls,
    WeftServerOptions options,
    ServerMetrics metrics,
    ServerStop stop,
    TimeProvider time)
{
    private const int UnflushedBytesMax = 64 * 1024;

    // The fixed text of a frame, the id of a run and two numbers.
    private const int FrameBytesMax = 144;

    private static readonly byte[] NullData = [.. "null"u8];

    /// <summary>Streams until the run ends, the client disconnects or the server stops; true if the end was sent to the client.</summary>
    /// <param name="http">The call.</param>
    /// <param name="reader">The stream of the run.</param>
    /// <param name="namespaces">The graphs whose events are streamed; null for all.</param>
    public async Task<bool> WriteAsync(HttpContext http, RunStreamReader reader, StreamNamespaces? namespaces)
    {
        var feedback = await feedbackUrls.OpenAsync(http, mount, reader);
        await WriteHeadersAsync(http, reader.ThreadId, reader.RunId);
        metrics.ReaderOpened();
        try
        {
            using var entered = stop.Enter();
            await using var beats = new Heartbeat(time, options.HeartbeatInterval);
            return await WriteRunAsync(http, reader, null, namespaces, feedback, beats, stop.OfRuns);
        }
        finally
        {
            metrics.ReaderClosed();
        }
    }

    /// <summary>
    /// Streams the runs of a thread one after the other, with the edits of its state between them, until the client disconnects or the
    /// server stops. Event ids contain the id of the run.
    /// </summary>
    public async Task WriteThreadAsync(HttpContext http, ThreadStreamReader thread, ThreadStreamModes modes, StateUpdateEvents edits)
    {
        await WriteHeadersAsync(http, thread.ThreadId, null);
        using var letGo = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, stop.OfThreads);
        await using var beats = new Heartbeat(time, options.HeartbeatInterval);
        metrics.ReaderOpened();
        try
        {
            while (!letGo.IsCancellationRequested)
            {
                using var reader = await NextAsync(http, thread, modes, beats, letGo.Token);
                if (reader is null)
                {
                    await WriteEditsAsync(http, thread, modes, edits, beats);
                    continue;
                }

                var feedback = modes.HasFeedback ? await feedbackUrls.OpenAsync(http, mount, reader) : null;
                await WriteRunAsync(http, reader, Encoding.UTF8.GetBytes($"{reader.RunId}-"), null, feedback, beats, stop.OfThreads);
            }
        }
        catch (OperationCanceledException) when (letGo.IsCancellationRequested)
        {
            // The client can continue from the last id that it has.
        }
        finally
        {
            metrics.ReaderClosed();
        }
    }

    private static async Task WriteEditsAsync(
        HttpContext http, ThreadStreamReader thread, ThreadStreamModes modes, StateUpdateEvents edits, Heartbeat beats)
    {
        while (thread.TryTakeEdit(out var edited))
        {
            if (modes.HasStateUpdates)
            {
                await edits.WriteAsync(http, thread.ThreadId, edited);
                beats.Wrote();
            }
        }
    }

    private async Task<RunStreamReader?> NextAsync(
        HttpContext http, ThreadStreamReader thread, ThreadStreamModes modes, Heartbeat beats, CancellationToken cancellationToken)
    {
        var next = modes.NextAsync(thread, cancellationToken);
        while (true)
        {
            try
            {
                var remaining = beats.Remaining is { Ticks: > 0 } left ? left : TimeSpan.Zero;
                return await next.WaitAsync(remaining, time, cancellationToken);
            }
            catch (TimeoutException) when (!next.IsCompleted)
            {
                WriteHeartbeat(http.Response.BodyWriter);
                beats.Wrote();
                await http.Response.BodyWriter.FlushAsync(cancellationToken);
            }
        }
    }

    private async Task<bool> WriteRunAsync(
        HttpContext http,
        RunStreamReader reader,
        byte[]? idPrefix,
        StreamNamespaces? namespaces,
        FeedbackEvent? feedback,
        Heartbeat beats,
        CancellationToken letGo)
    {
        var output = http.Response.BodyWriter;
        Action<object?> wake = static reader => ((RunStreamReader)reader!).Wake();
        using var gone = http.RequestAborted.UnsafeRegister(wake, reader);
        using var stopping = letGo.UnsafeRegister(wake, reader);
        beats.Wake(reader.Wake);
        while (!http.RequestAborted.IsCancellationRequested)
        {
            var ended = WriteAvailable(output, reader, idPrefix, namespaces, feedback, out var wrote);
            if (!wrote && beats.TryTake())
            {
                WriteHeartbeat(output);
                wrote = true;
            }

            if (wrote)
            {
                beats.Wrote();
                var flushed = await output.FlushAsync(http.RequestAborted);
                if (flushed.IsCompleted)
                {
                    return ended;
                }
            }

            if (ended)
            {
                return true;
            }

            if (letGo.IsCancellationRequested)
            {
                if (!wrote)
                {
                    return true;
                }

                continue;
            }

            if (!await reader.WaitAsync())
            {
                // The log ended without a last event: another server continues the run, or the reader had already read the last event.
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Reads the position that a client resumes from, with the milliseconds of its event where the id has them. Both forms of
    /// ids, <c>7</c> and <c>1767323045678-7</c>, are understood under every mount.
    /// </summary>
    public static (long Seq, long? CreatedAtMs)? ReadLastEventId(HttpContext http)
    {
        var text = http.Request.Headers["Last-Event-ID"].ToString();
        if (text.Length == 0)
        {
            return null;
        }

        var dash = text.IndexOf('-', StringComparison.Ordinal);
        long ms = 0;
        var isId = dash < 0 || long.TryParse(text.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out ms);
        // An id that we did not issue replays from the oldest retained event, as docs/protocol/gateway.md H5 requires and as "-1" asks for.
        return isId && long.TryParse(text.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var seq)
            ? (seq, dash < 0 ? null : ms)
            : (-1, null);
    }

    /// <summary>Writes the headers alone.</summary>
    /// <param name="http">The call.</param>
    /// <param name="threadId">The thread.</param>
    /// <param name="runId">The run whose stream it is; null for the stream of the thread.</param>
    public static Task WriteHeadersAsync(HttpContext http, ThreadId threadId, RunId? runId) =>
        WriteHeadersAsync(http, runId is null ? $"/threads/{threadId}/stream" : $"/threads/{threadId}/runs/{runId}/stream");

    private static async Task WriteHeadersAsync(HttpContext http, string location)
    {
        EventStreams.SetHeaders(http);
        http.Response.Headers.Location = location;
        // Sent at once, so that a client knows that it is connected while the run is silent.
        await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
    }

    private void WriteHeartbeat(PipeWriter output) => output.Write(mount.IsGateway ? ": heartbeat\n\n"u8 : ": heartbeat\n"u8);

    private bool WriteAvailable(
        PipeWriter output,
        RunStreamReader reader,
        byte[]? idPrefix,
        StreamNamespaces? namespaces,
        FeedbackEvent? feedback,
        out bool wrote)
    {
        wrote = false;
        long unflushed = 0;
        while (unflushed < UnflushedBytesMax)
        {
            var events = reader.TryRead();
            if (reader.TakeMissed() is > 0 and var missed)
            {
                output.Write(Encoding.UTF8.GetBytes($"event: gap\ndata: {{\"missed\":{missed}}}\n\n"));
                wrote = true;
            }

            if (events.IsEmpty)
            {
                return false;
            }

            metrics.EventsWritten(events.Length);
            foreach (var added in events)
            {
                if (added.IsTerminal)
                {
                    wrote |= feedback?.Write(output, added) ?? false;
                    wrote |= WriteTerminal(output, idPrefix, added);
                    return true;
                }

                // What belongs to no mode is about the whole run.
                var isWanted = namespaces is null || added.Part.Mode == StreamMode.None || namespaces.Contains(added.Part.Namespace);
                if (!isWanted || !PartEvents.TryEncode(added.Part, mount.IsGateway, out var data))
                {
                    continue;
                }

                var before = output.UnflushedBytes;
                WriteFrame(output, idPrefix, added, PartEvents.NameOf(added.Part), PartEvents.NamespaceOf(added.Part), data);
                unflushed += output.UnflushedBytes - before;
                wrote = true;
            }
        }

        return false;
    }

    /// <summary>
    /// Writes the last event, which depends on the mount. Below <c>/api/threads</c>, <c>error</c> is the last event of a
    /// failure (docs/protocol/streaming.md D2).
    /// </summary>
    private bool WriteTerminal(PipeWriter output, byte[]? idPrefix, RunEvent last)
    {
        if (mount.IsGateway)
        {
            var failed = last is { Cancel: null, Status: not RunStatus.Success };
            if (!failed)
            {
                WriteFrame(output, idPrefix, last, PartEvents.NameOf(last.Part), "", new JsonPieces(NullData));
            }

            return !failed;
        }

        if (!options.SendEndEvent)
        {
            return false;
        }

        WriteFrame(output, idPrefix, last, "end", "", PartEvents.DataOf(last.Part));
        return true;
    }

    /// <summary>Writes one frame in one piece, because the calls of the pipe for each event are a measurable cost.</summary>
    private void WriteFrame(
        PipeWriter output, byte[]? idPrefix, RunEvent added, string name, string checkpointNamespace, in JsonPieces data)
    {
        var length = data.Length;
        var span = output.GetSpan(length + Encoding.UTF8.GetMaxByteCount(name.Length + checkpointNamespace.Length) + FrameBytesMax);
        var at = Put(span, "event: "u8);
        at += Encoding.UTF8.GetBytes(name, span[at..]);
        if (checkpointNamespace.Length > 0)
        {
            at += Put(span[at..], "|"u8);
            at += Encoding.UTF8.GetBytes(checkpointNamespace, span[at..]);
        }

        at += Put(span[at..], "\ndata: "u8);
        data.CopyTo(span[at..]);
        at += length;
        at += Put(span[at..], "\nid: "u8);
        if (idPrefix is not null)
        {
            at += Put(span[at..], idPrefix);
        }
        else if (mount.IsGateway)
        {
            at += Put(span[at..], added.CreatedAt.ToUnixTimeMilliseconds());
            at += Put(span[at..], "-"u8);
        }

        at += Put(span[at..], added.Seq);
        at += Put(span[at..], "\n\n"u8);
        output.Advance(at);
    }

    private static int Put(Span<byte> target, ReadOnlySpan<byte> text)
    {
        text.CopyTo(target);
        return text.Length;
    }

    private static int Put(Span<byte> target, long number)
    {
        Utf8Formatter.TryFormat(number, target, out var written);
        return written;
    }
}
