namespace Weft.Storage;

/// <summary>
/// Keeps the vectors below the namespaces that were searched last in memory, up to a number of bytes. Rows of vectors never change,
/// so nothing is invalidated: each search adds the rows that are new.
/// </summary>
internal sealed class VectorCache(long bytesMax)
{
    // Protects the fields below, and what the entries count.
    private readonly Lock _lock = new();
    private readonly Dictionary<VectorRange, Entry> _entries = [];
    private long _bytes;
    private long _uses;

    /// <summary>Returns what is kept of a range.</summary>
    public CachedVectors Find(VectorRange range)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(range, out var entry))
            {
                _entries[range] = entry = new Entry(new CachedVectors(bytesMax));
                _bytes += entry.Bytes;
            }

            entry.Used = ++_uses;
            return entry.Vectors;
        }
    }

    /// <summary>Counts the bytes of a range, and removes the ranges that were used least recently until the others fit.</summary>
    public void Count(VectorRange range, CachedVectors vectors, VectorRows rows)
    {
        lock (_lock)
        {
            if (_entries.GetValueOrDefault(range) is not { } entry || entry.Vectors != vectors)
            {
                // It was removed meanwhile.
                return;
            }

            _bytes += rows.Bytes - entry.Bytes;
            (entry.Bytes, entry.Rows) = (rows.Bytes, rows.Count);
            while (_bytes > bytesMax)
            {
                var (oldest, least) = _entries.MinBy(other => other.Value.Used);
                Remove(oldest, least);
            }
        }
    }

    /// <summary>
    /// Notes rows of a ranking that do not exist any more. A range is read again when such rows are a quarter of it.
    /// </summary>
    public void ReportGone(VectorRange range, int rows)
    {
        lock (_lock)
        {
            if (rows > 0 && _entries.TryGetValue(range, out var entry) && (entry.Gone += rows) > entry.Rows / 4)
            {
                Remove(range, entry);
            }
        }
    }

    private void Remove(VectorRange range, Entry entry)
    {
        _entries.Remove(range);
        _bytes -= entry.Bytes;
        entry.Bytes = 0;
    }

    private sealed class Entry(CachedVectors vectors)
    {
        public CachedVectors Vectors => vectors;

        public long Bytes { get; set; } = VectorBlock.OwnBytes;

        public int Rows { get; set; }

        public int Gone { get; set; }

        public long Used { get; set; }
    }
}
