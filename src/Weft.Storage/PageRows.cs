using System.Runtime.InteropServices;
using System.Text.Json;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Storage;

/// <summary>The rows of a page as far as they are read at once, and the keys of the others.</summary>
/// <param name="sizeOf">Returns about how many bytes a row has in memory.</param>
internal sealed class PageRows<T>(Func<T, int> sizeOf)
{
    public List<T> Rows { get; } = [];

    /// <summary>The keys of the rows that are read later.</summary>
    public List<RowKey> Keys { get; } = [];

    /// <summary>The number of all matches, if the search counts them.</summary>
    public int Total { get; set; }

    public int Count => Rows.Count + Keys.Count;

    /// <summary>Whether no further rows are read now.</summary>
    public bool IsFull => Bytes >= LazyPage<T>.BytesAtOnce;

    /// <summary>About how many bytes a row has.</summary>
    public int BytesPerRow => (int)Math.Min(Bytes / Math.Max(1, Rows.Count), int.MaxValue);

    private long Bytes { get; set; }

    public void Add(T row)
    {
        Rows.Add(row);
        Bytes += sizeOf(row);
    }

    /// <summary>Adds a row, or only its key if the page is full.</summary>
    public void AddOrKeep(T row, long key, double? score = null, string? id = null)
    {
        if (IsFull)
        {
            AddKey(key, score, id);
        }
        else
        {
            Add(row);
        }
    }

    public void AddKey(long key, double? score = null, string? id = null) => Keys.Add(new RowKey(key, score, id));

    /// <summary>Adds a key whose row has a known number of bytes in the database.</summary>
    public void AddSizedKey(long key, int bytes) => Keys.Add(new RowKey(key, null, null, bytes));

    /// <summary>Replaces the first keys by their rows.</summary>
    public void AddFirst(PageRows<T> batch, int places)
    {
        batch.Rows.ForEach(Add);
        Keys.RemoveRange(0, places);
    }

    public PageRows<T> WithTotal(int total)
    {
        Total = total;
        return this;
    }

    /// <summary>Makes an empty batch of further rows.</summary>
    public PageRows<T> Next() => new(sizeOf);
}

/// <summary>What finds a row later.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Score">Its score in the search; null if it has none.</param>
/// <param name="Id">Its id as text, if the database may give the key of a removed row to another one; otherwise null.</param>
/// <param name="Bytes">About how many bytes it has; null if that is not known before it is read.</param>
internal readonly record struct RowKey(long Key, double? Score, string? Id, int? Bytes = null);

/// <summary>About how many bytes rows have in memory.</summary>
internal static class RowSizes
{
    private const int Fixed = 500;

    public static int Of(RunRecord run) =>
        Fixed + run.Kwargs.Length + (2 * (Length(run.Metadata) + Length(run.Headers) + Length(run.Error)));

    public static int Of(ThreadRecord thread) => Fixed + (2 * (
        Length(thread.Metadata) + Length(thread.Config) + Length(thread.Interrupts) + Length(thread.Error) + Length(thread.GraphConfig)
        + Length(thread.Preview)));

    public static int Of(Item item) => Fixed + Length(item.Value);

    public static int Of(CronRecord cron) => Fixed + cron.Payload.Length + (2 * (Length(cron.Metadata) + Length(cron.Access)));

    public static int Of(AssistantRecord assistant) => Fixed + (2 * Length(assistant.Description))
        + Length(assistant.Config) + Length(assistant.Context) + Length(assistant.Metadata);

    public static int Of(WebhookRecord webhook) => Fixed + (2 * (Length(webhook.Url) + Length(webhook.LastAttempt?.Error)));

    public static int Of(MessageRecord message) => Fixed + message.Content.Length;

    private static int Length(JsonElement json) => JsonMarshal.GetRawUtf8Value(json).Length;

    private static int Length(string? text) => text?.Length ?? 0;
}
