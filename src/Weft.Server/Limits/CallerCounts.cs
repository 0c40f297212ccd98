namespace Weft.Server;

/// <summary>Counts what each caller has at the moment, such as open streams.</summary>
internal sealed class CallerCounts
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Caller, int> _counts = [];
    private int _total;

    /// <summary>Counts one more; false if the caller has as many as it may have, or all callers together have.</summary>
    public bool TryAdd(Caller caller, int max, int totalMax = int.MaxValue)
    {
        lock (_lock)
        {
            var count = _counts.GetValueOrDefault(caller);
            if (count >= max || _total >= totalMax)
            {
                return false;
            }

            _counts[caller] = count + 1;
            _total++;
            return true;
        }
    }

    /// <summary>Counts one less.</summary>
    public void Remove(Caller caller)
    {
        lock (_lock)
        {
            _total--;
            if (_counts[caller] == 1)
            {
                _counts.Remove(caller);
            }
            else
            {
                _counts[caller]--;
            }
        }
    }
}
