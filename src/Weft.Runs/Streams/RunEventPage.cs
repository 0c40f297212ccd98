namespace Weft.Runs;

/// <summary>A page of the events of a run.</summary>
/// <param name="Events">The events, in order.</param>
/// <param name="HasMore">Whether more events followed when the page was read.</param>
/// <param name="KeptFrom">The number of the first event that is kept; null if none is.</param>
public sealed record RunEventPage(IReadOnlyList<RunEvent> Events, bool HasMore, long? KeptFrom)
{
    private const int BytesMax = 4_000_000;

    // A run has room for as many events (ThreadLog).
    private const long SeqMax = 1L << 33;

    /// <summary>
    /// Reads the events after a number that are available now, whatever their modes. The page ends early if its events have many
    /// bytes, but has at least one event if there is one.
    /// </summary>
    internal static async Task<RunEventPage> ReadAsync(RunStream stream, long after, int limit, CancellationToken cancellationToken)
    {
        var (page, bytes, hasMore) = (new List<RunEvent>(), 0L, false);
        using var reader = stream.ReadAll(Math.Min(after, SeqMax));
        while (!hasMore)
        {
            var events = reader.TryRead();
            if (!events.IsEmpty)
            {
                hasMore = !TryAdd(page, events, limit, ref bytes);
            }
            else if (reader.MustFetch)
            {
                await reader.WaitAsync();
            }
            else
            {
                break;
            }
        }

        return new RunEventPage(page, hasMore, await FindFirstAsync(stream, cancellationToken));
    }

    /// <summary>Adds events; false if the page is full before all are added.</summary>
    private static bool TryAdd(List<RunEvent> page, ReadOnlySpan<RunEvent> events, int limit, ref long bytes)
    {
        foreach (var read in events)
        {
            if (page.Count == limit || bytes > BytesMax)
            {
                return false;
            }

            page.Add(read);
            bytes += read.CostBytes;
        }

        return true;
    }

    private static async Task<long?> FindFirstAsync(RunStream stream, CancellationToken cancellationToken) =>
        stream.Store is { } store && await store.ReadAsync(-1, 1, cancellationToken) is [var first, ..]
            ? Math.Min(first.Seq, stream.FirstSeqInMemory ?? first.Seq)
            : stream.FirstSeqInMemory;
}
