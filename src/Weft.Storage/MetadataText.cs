using System.Globalization;
using System.Runtime.CompilerServices;

namespace Weft.Storage;

/// <summary>
/// Metadata without the words that columns store. A checkpoint's metadata begins with its source and step
/// (docs/protocol/state.md E3), and contains the ids of its thread and run. Without them one text serves many
/// checkpoints. A run's metadata contains the id of its assistant. A control character, which valid JSON never
/// contains, takes the place of each word.
/// </summary>
/// <remarks>A text without control characters is the metadata itself.</remarks>
internal static class MetadataText
{
    private const char Head = '\u0001';
    private const char Thread = '\u0002';
    private const char Run = '\u0003';
    private const char Assistant = '\u0004';

    private const int UuidChars = 36;
    private const int TextCharsUsual = 512;

    /// <summary>Removes the words from a run's metadata.</summary>
    public static string OfRun(string metadata, string assistantId)
    {
        var (start, end) = Find(metadata, "assistant_id", assistantId);
        return start == end ? metadata : string.Concat(metadata.AsSpan(0, start), [Assistant], metadata.AsSpan(end));
    }

    /// <summary>Inserts the words into a run's metadata again.</summary>
    public static string RunMetadata(string text, string assistantId) =>
        text.Replace($"{Assistant}", assistantId, StringComparison.Ordinal);

    /// <summary>Removes the words from a checkpoint's metadata.</summary>
    /// <param name="metadata">The metadata.</param>
    /// <param name="source">The source of the checkpoint.</param>
    /// <param name="threadId">The id of its thread.</param>
    /// <param name="runId">The id of its run; null if it has none.</param>
    public static (string Text, int Step) OfCheckpoint(string metadata, string source, string threadId, Guid? runId)
    {
        Span<char> runIdText = stackalloc char[UuidChars];
        var (from, step) = FindHead(metadata, source);
        var thread = Find(metadata, "thread_id", threadId);
        var run = Find(metadata, "run_id", runId is { } id && id.TryFormat(runIdText, out _) ? runIdText : []);
        var text = new DefaultInterpolatedStringHandler(0, 0, CultureInfo.InvariantCulture, stackalloc char[TextCharsUsual]);
        if (from > 0)
        {
            text.AppendFormatted(Head);
        }

        if (thread.Start <= run.Start)
        {
            Append(ref text, metadata, ref from, thread, Thread);
            Append(ref text, metadata, ref from, run, Run);
        }
        else
        {
            Append(ref text, metadata, ref from, run, Run);
            Append(ref text, metadata, ref from, thread, Thread);
        }

        text.AppendFormatted(metadata.AsSpan(from));
        return (text.ToStringAndClear(), step);
    }

    /// <summary>Inserts the words into a checkpoint's metadata again.</summary>
    public static string CheckpointMetadata(string text, string source, int step, string threadId, string? runId)
    {
        if (text[0] == Head)
        {
            text = string.Concat(HeadOf(source), step.ToString(CultureInfo.InvariantCulture), text.AsSpan(1));
        }

        text = text.Replace($"{Thread}", threadId, StringComparison.Ordinal);
        return runId is null ? text : text.Replace($"{Run}", runId, StringComparison.Ordinal);
    }

    /// <summary>Returns the end of source and step, or 0 if the metadata does not begin with them.</summary>
    private static (int End, int Step) FindHead(ReadOnlySpan<char> metadata, string source)
    {
        var rest = metadata;
        if (!TrySkip(ref rest, "{\"source\":\"") || !TrySkip(ref rest, source) || !TrySkip(ref rest, "\",\"step\":"))
        {
            return (0, 0);
        }

        var length = rest.IndexOfAny(',', '}');
        return length > 0 && int.TryParse(rest[..length], CultureInfo.InvariantCulture, out var step)
            ? (metadata.Length - rest.Length + length, step)
            : (0, 0);
    }

    private static bool TrySkip(ref ReadOnlySpan<char> text, ReadOnlySpan<char> start)
    {
        var isStart = text.StartsWith(start);
        text = isStart ? text[start.Length..] : text;
        return isStart;
    }

    /// <summary>Finds the last string that is an id and the value of a member. If there is none, returns the end of the text twice.</summary>
    private static (int Start, int End) Find(ReadOnlySpan<char> text, string member, ReadOnlySpan<char> id)
    {
        // The server's own ids come last. A client's metadata may contain members that look like them.
        for (var end = text.Length; !id.IsEmpty && text[..end].LastIndexOf(id) is >= 0 and var at; end = at + id.Length - 1)
        {
            var before = text[..at];
            if (text[(at + id.Length)..].StartsWith('"')
                && TrySkipLast(ref before, "\":\"") && TrySkipLast(ref before, member) && before.EndsWith('"'))
            {
                return (at, at + id.Length);
            }
        }

        return (text.Length, text.Length);
    }

    private static bool TrySkipLast(ref ReadOnlySpan<char> text, ReadOnlySpan<char> end)
    {
        var isEnd = text.EndsWith(end);
        text = isEnd ? text[..^end.Length] : text;
        return isEnd;
    }

    private static void Append(
        ref DefaultInterpolatedStringHandler text, ReadOnlySpan<char> metadata, ref int from, (int Start, int End) word, char stand)
    {
        text.AppendFormatted(metadata[from..word.Start]);
        if (word.Start < word.End)
        {
            text.AppendFormatted(stand);
        }

        from = word.End;
    }

    private static string HeadOf(string source) => $"{{\"source\":\"{source}\",\"step\":";
}
