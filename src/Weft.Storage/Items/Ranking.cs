using System.Buffers;

namespace Weft.Storage;

/// <summary>
/// Keys of rows with their scores, taken in descending order. Only those that are taken are put in order, so a page of 100,000 rows
/// costs about as much as to look at each of them once.
/// </summary>
internal sealed class Ranking(int capacity) : IDisposable
{
    private (float Score, long Key)[] _heap = ArrayPool<(float Score, long Key)>.Shared.Rent(Math.Max(16, capacity));
    private int _count;
    private bool _isOrdered;

    public void Add(long key, float score)
    {
        if (_count == _heap.Length)
        {
            var larger = ArrayPool<(float Score, long Key)>.Shared.Rent(_count * 2);
            _heap.AsSpan(0, _count).CopyTo(larger);
            ArrayPool<(float Score, long Key)>.Shared.Return(_heap);
            _heap = larger;
        }

        _heap[_count++] = (score, key);
    }

    /// <summary>Takes the key with the greatest score; of equal scores, the newest key.</summary>
    public bool TryTake(out long key, out float score)
    {
        if (!_isOrdered)
        {
            for (var i = (_count / 2) - 1; i >= 0; i--)
            {
                Sink(i);
            }

            _isOrdered = true;
        }

        if (_count == 0)
        {
            (key, score) = (0, 0);
            return false;
        }

        (score, key) = _heap[0];
        _heap[0] = _heap[--_count];
        Sink(0);
        return true;
    }

    public void Dispose()
    {
        ArrayPool<(float Score, long Key)>.Shared.Return(_heap);
        _heap = [];
    }

    /// <summary>Restores the order of a heap below a place.</summary>
    private void Sink(int at)
    {
        for (var child = (at * 2) + 1; child < _count; child = (at * 2) + 1)
        {
            if (child + 1 < _count && _heap[child + 1].CompareTo(_heap[child]) > 0)
            {
                child++;
            }

            if (_heap[child].CompareTo(_heap[at]) <= 0)
            {
                return;
            }

            (_heap[at], _heap[child]) = (_heap[child], _heap[at]);
            at = child;
        }
    }
}
