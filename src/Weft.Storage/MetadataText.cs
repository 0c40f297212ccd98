using System.Globalization;

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

    /// <summary>Removes the words from a run's metadata.</summary>
    public static string OfRun(string metadata, string assistantId) => WithoutId(metadata, "assistant_id", assistantId, Assistant);

    /// <summary>Inserts the words into a run's metadata again.</summary>
    public static string RunMetadata(string text, string assistantId) =>
        text.Replace($"{Assistant}", assistantId, StringComparison.Ordinal);

    /// <summary>Removes the words from a checkpoint's metadata.</summary>
    public static (string Text, int Step) OfCheckpoint(string metadata, string source, string threadId, string? runId)
    {
        var (text, step) = WithoutHead(metadata, source);
        text = WithoutId(text, "thread_id", threadId, Thread);
        return (runId is null ? text : WithoutId(text, "run_id", runId, Run), step);
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

    private static (string Text, int Step) WithoutHead(string metadata, string source)
    {
        var head = HeadOf(source);
        if (!metadata.StartsWith(head, StringComparison.Ordinal))
        {
            return (metadata, 0);
        }

        var end = metadata.AsSpan(head.Length).IndexOfAny(',', '}') + head.Length;
        return int.TryParse(metadata.AsSpan(head.Length..end), CultureInfo.InvariantCulture, out var step)
            ? (string.Concat($"{Head}", metadata.AsSpan(end)), step)
            : (metadata, 0);
    }

    // The server's own ids come last. A client's metadata may contain members that look like them.
    private static string WithoutId(string text, string member, string id, char stand)
    {
        var at = text.LastIndexOf($"\"{member}\":\"{id}\"", StringComparison.Ordinal);
        return at < 0
            ? text
            : string.Concat(text.AsSpan(0, at), $"\"{member}\":\"{stand}\"", text.AsSpan(at + member.Length + id.Length + 5));
    }

    private static string HeadOf(string source) => $"{{\"source\":\"{source}\",\"step\":";
}
