using System.Runtime.CompilerServices;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>
/// The stored form of a timeline: a segment for each attempt, one after the other. A segment is a few bytes for each entry, and
/// texts that repeat are written once.
/// </summary>
internal static class TimelineCodec
{
    private const int Version = 1;
    private const int StatusBits = 3;
    private const int KindBits = 2;
    private const int NoId = 0;
    private const int UuidId = 1;
    private const int TextId = 2;

    // A longer timeline is rare, and its buffer does not stay in memory.
    private const int KeptBytesMax = 1 << 14;

    [ThreadStatic]
    private static FieldWriter? _output;

    /// <summary>Closes the timeline of an attempt and encodes it; null if there is none.</summary>
    public static ReadOnlyMemory<byte>? Close(int attempt, RunTimeline? timeline) =>
        timeline is null ? null : (ReadOnlyMemory<byte>?)Encode(attempt, timeline.Close());

    public static byte[] Encode(int attempt, TimelineState state)
    {
        var output = _output ??= new FieldWriter();
        output.Clear();
        output.Number(Version);
        output.Number(attempt);
        output.Flag(state.IsRunning);
        output.Number(state.Entries.Length);
        var last = 0L;
        foreach (ref readonly var entry in state.Entries.Span)
        {
            Write(output, entry, last);
            last = entry.Start;
        }

        output.Number(state.Omitted?.Length ?? 0);
        foreach (var sum in state.Omitted ?? [])
        {
            output.Number(sum.Count);
            output.Number(sum.Errors);
            output.Number(sum.Time);
            Write(output, sum.Usage);
        }

        _output = output.Length <= KeptBytesMax ? output : null;
        return output.Take();
    }

    /// <summary>Reads the segments of a timeline. Those of a later version, and what follows them, are left out.</summary>
    public static IReadOnlyList<TimelineSegment> Decode(ReadOnlyMemory<byte> stored)
    {
        var segments = new List<TimelineSegment>();
        while (!stored.IsEmpty)
        {
            var input = new FieldReader(stored);
            if (input.Number() != Version)
            {
                break;
            }

            segments.Add(ReadSegment(input));
            stored = input.Rest();
        }

        return segments;
    }

    private static TimelineSegment ReadSegment(FieldReader input)
    {
        var attempt = input.Int();
        var isRunning = input.Flag();
        var entries = new TimelineEntry[input.Int()];
        var last = 0L;
        for (var i = 0; i < entries.Length; i++)
        {
            entries[i] = ReadEntry(input, last);
            last = entries[i].Start;
        }

        var omitted = new TimelineSum[input.Int()];
        for (var i = 0; i < omitted.Length; i++)
        {
            omitted[i] = new TimelineSum(input.Number(), input.Number(), input.Number(), ReadUsage(input));
        }

        return new TimelineSegment(attempt, new TimelineState(entries, omitted.Length == 0 ? null : omitted, isRunning));
    }

    private static void Write(FieldWriter output, in TimelineEntry entry, long last)
    {
        var flags = (entry.IsCached ? 1 : 0) << KindBits | (int)entry.Kind;
        output.Number((long)flags << StatusBits | (long)entry.Status);
        output.Number(entry.Start - last);
        output.Number(entry.Status == TimelineStatus.Running ? 0 : entry.End - entry.Start);
        output.SharedText(entry.Name);
        output.SharedText(entry.Error);
        switch (entry.Kind)
        {
            case TimelineKind.Superstep:
                output.SharedText(entry.Scope);
                output.Number(entry.Step);
                WriteId(output, entry.Id);
                break;
            case TimelineKind.Task:
                output.SharedText(entry.Scope);
                output.Number(entry.Step);
                WriteSharedId(output, entry.Id!);
                output.Number(entry.Tries);
                break;
            case TimelineKind.Model:
                WriteSharedId(output, entry.Scope);
                output.SharedText(entry.Model);
                output.Flag(entry.Usage is not null);
                if (entry.Usage is { } usage)
                {
                    Write(output, usage.Value);
                }

                break;
            default:
                WriteSharedId(output, entry.Scope);
                output.Text(entry.Id);
                break;
        }
    }

    private static TimelineEntry ReadEntry(FieldReader input, long last)
    {
        var word = input.Int();
        var (status, flags) = (word & ((1 << StatusBits) - 1), word >> StatusBits);
        var kind = (TimelineKind)(flags & ((1 << KindBits) - 1));
        var start = last + input.Number();
        var end = start + input.Number();
        var (name, error) = (input.SharedTextOrNull(), input.SharedTextOrNull());
        var scope = kind is TimelineKind.Superstep or TimelineKind.Task ? input.SharedText() : ReadSharedId(input);
        var entry = new TimelineEntry
        {
            Kind = kind,
            Status = (TimelineStatus)status,
            Start = start,
            End = end,
            Name = name,
            Error = error,
            Scope = scope,
            Step = kind is TimelineKind.Superstep or TimelineKind.Task ? input.Int() : 0,
            IsCached = flags >> KindBits != 0,
        };
        switch (kind)
        {
            case TimelineKind.Superstep:
                entry.Id = ReadIdOrNull(input);
                break;
            case TimelineKind.Task:
                entry.Id = ReadSharedId(input);
                entry.Tries = input.Int();
                break;
            case TimelineKind.Model:
                entry.Model = input.SharedTextOrNull();
                entry.Usage = input.Flag() ? new StrongBox<TokenUsage>(ReadUsage(input)) : null;
                break;
            default:
                entry.Id = input.TextOrNull();
                break;
        }

        return entry;
    }

    private static void Write(FieldWriter output, TokenUsage usage)
    {
        output.Number(usage.Input);
        output.Number(usage.Output);
        output.Number(usage.Total);
        output.Number(usage.CacheRead);
        output.Number(usage.Reasoning);
    }

    private static TokenUsage ReadUsage(FieldReader input) =>
        new(input.Number(), input.Number(), input.Number(), input.Number(), input.Number());

    private static void WriteSharedId(FieldWriter output, string id)
    {
        if (output.TryShare(id))
        {
            WriteId(output, id);
        }
    }

    private static string ReadSharedId(FieldReader input) =>
        input.Shared(static input => ReadIdOrNull(input) ?? throw new FormatException("An id of a timeline is missing."));

    /// <summary>Writes an id. Most are UUIDs, which are shorter as bytes.</summary>
    private static void WriteId(FieldWriter output, string? id)
    {
        if (id is null)
        {
            output.Number(NoId);
            return;
        }

        Span<char> text = stackalloc char[36];
        if (Guid.TryParseExact(id, "D", out var uuid) && uuid.TryFormat(text, out _, "D") && text.SequenceEqual(id))
        {
            Span<byte> bytes = stackalloc byte[16];
            uuid.TryWriteBytes(bytes);
            output.Number(UuidId);
            output.Bytes(bytes);
        }
        else
        {
            output.Number(TextId);
            output.Text(id);
        }
    }

    private static string? ReadIdOrNull(FieldReader input) => input.Int() switch
    {
        NoId => null,
        UuidId => new Guid(input.Bytes().Span).ToString(),
        _ => input.Text(),
    };
}
