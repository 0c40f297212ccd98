using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Weft.Runs;

namespace Weft.Server;

/// <summary>Writes the events that a client may see.</summary>
internal sealed class FeedWriter(
    PipeWriter output, FeedReader feed, string generation, Func<FeedEvent, ValueTask<bool>> sees, TimeSpan heartbeat, TimeProvider time)
    : IDisposable
{
    private const int ReadMax = 256;

    private static readonly TimeSpan WaitMin = TimeSpan.FromMilliseconds(1);

    private readonly (long Number, FeedEvent Event)[] _buffer = new (long, FeedEvent)[ReadMax];
    private readonly ArrayBufferWriter<byte> _data = new();
    private readonly Utf8JsonWriter _json = new(Stream.Null, JsonResponse.WriterOptions);
    private long _flushed = time.GetTimestamp();

    /// <summary>Writes events until the client disconnects.</summary>
    /// <param name="lost">The number of the last event that the client has missed before the first one; null if it has missed none.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    public async Task RunAsync(long? lost, CancellationToken cancellationToken)
    {
        WriteGap(lost);

        // Also sent if there is nothing to send yet, so that the client knows that it is connected.
        await output.FlushAsync(cancellationToken);
        while (true)
        {
            var before = output.UnflushedBytes;
            var count = feed.Read(_buffer, out var gap);
            WriteGap(gap);
            for (var i = 0; i < count; i++)
            {
                var (number, added) = _buffer[i];
                if (await sees(added))
                {
                    Write(added, number);
                }
            }

            if (output.UnflushedBytes == before && time.GetElapsedTime(_flushed) >= heartbeat)
            {
                // Also due while its owner has events that this client does not see.
                output.Write(": heartbeat\n\n"u8);
            }

            if (output.UnflushedBytes > before)
            {
                _flushed = time.GetTimestamp();
                if ((await output.FlushAsync(cancellationToken)).IsCompleted)
                {
                    return;
                }
            }

            if (count == 0)
            {
                await WaitAsync(cancellationToken);
            }
        }
    }

    public void Dispose() => _json.Dispose();

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        try
        {
            var left = heartbeat - time.GetElapsedTime(_flushed);
            await feed.WaitAsync().WaitAsync(left > WaitMin ? left : WaitMin, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // A heartbeat is due.
        }
    }

    /// <summary>Writes that events are missing, up to the one with the number, unless it is null.</summary>
    private void WriteGap(long? number)
    {
        if (number is not null)
        {
            output.Write(Encoding.UTF8.GetBytes($"event: gap\ndata: {{}}\nid: {generation}-{number}\n\n"));
        }
    }

    private void Write(FeedEvent added, long number)
    {
        _data.ResetWrittenCount();
        _json.Reset(_data);
        WriteData(added);
        _json.Flush();
        output.Write("event: "u8);
        output.Write(NameOf(added.Kind));
        output.Write("\ndata: "u8);
        output.Write(_data.WrittenSpan);
        output.Write(Encoding.UTF8.GetBytes($"\nid: {generation}-{number}\n\n"));
    }

    private void WriteData(FeedEvent added)
    {
        _json.WriteStartObject();
        WriteText("thread_id", added.ThreadId?.Value);
        WriteText("run_id", added.RunId?.ToString());
        WriteText("assistant_id", added.AssistantId?.ToString());
        WriteText("cron_id", added.CronId?.ToString());
        WriteText("status", added.Status?.ToWire());
        if (added.Namespace is { } labels)
        {
            _json.WriteStartArray("namespace"u8);
            foreach (var label in labels)
            {
                _json.WriteStringValue(label);
            }

            _json.WriteEndArray();
        }

        WriteText("key", added.Key);
        _json.Time("at"u8, added.At);
        _json.WriteEndObject();
    }

    private void WriteText(string name, string? text)
    {
        if (text is not null)
        {
            _json.WriteString(name, text);
        }
    }

    private static ReadOnlySpan<byte> NameOf(FeedEventKind kind) => kind switch
    {
        FeedEventKind.RunCreated => "run.created"u8,
        FeedEventKind.RunStarted => "run.started"u8,
        FeedEventKind.RunPaused => "run.paused"u8,
        FeedEventKind.RunEnded => "run.ended"u8,
        FeedEventKind.RunDeleted => "run.deleted"u8,
        FeedEventKind.ThreadCreated => "thread.created"u8,
        FeedEventKind.ThreadChanged => "thread.changed"u8,
        FeedEventKind.ThreadDeleted => "thread.deleted"u8,
        FeedEventKind.ItemChanged => "item.changed"u8,
        FeedEventKind.CronFired => "cron.fired"u8,
        _ => "webhook.failed"u8,
    };
}
