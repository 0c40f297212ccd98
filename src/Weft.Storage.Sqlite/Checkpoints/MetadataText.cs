using System.Globalization;

namespace Weft.Storage.Sqlite;

/// <summary>
/// The metadata of a checkpoint without the words that differ from one checkpoint of a thread to the next: its source and
/// step, with which it begins (protocol, section E3), and the ids of its thread and run. In place of each stands a control
/// character, which JSON never has.
/// </summary>
/// <remarks>A text in which nothing was replaced stands for itself.</remarks>
internal static class MetadataText
{
    private const char Head = '\u0001';
    private const char Thread = '\u0002';
    private const char Run = '\u0003';

    /// <summary>Takes the words out.</summary>
    public static (string Text, int Step) Of(string metadata, string source, string threadId, string? runId)
    {
        var (text, step) = WithoutHead(metadata, source);
        text = WithoutId(text, "thread_id", threadId, Thread);
        return (runId is null ? text : WithoutId(text, "run_id", runId, Run), step);
    }

    /// <summary>Puts the words in again.</summary>
    public static string Metadata(string text, string source, int step, string threadId, string? runId)
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

    // The server's own ids come last, after members of a client's that may look like them.
    private static string WithoutId(string text, string member, string id, char stand)
    {
        var at = text.LastIndexOf($"\"{member}\":\"{id}\"", StringComparison.Ordinal);
        return at < 0 ? text : string.Concat(text.AsSpan(0, at), $"\"{member}\":\"{stand}\"", text.AsSpan(at + member.Length + id.Length + 5));
    }

    private static string HeadOf(string source) => $"{{\"source\":\"{source}\",\"step\":";
}
