namespace Weft.Server;

/// <summary>The ids of the last commands of a socket, so that a repeated one is refused: its answer would be ambiguous.</summary>
internal sealed class UsedIds
{
    private const int KeptMax = 1_000;

    private readonly HashSet<ulong> _ids = [];
    private readonly Queue<ulong> _order = new();

    /// <summary>Adds an id; false if it was used.</summary>
    public bool TryAdd(ulong id)
    {
        if (!_ids.Add(id))
        {
            return false;
        }

        _order.Enqueue(id);
        if (_order.Count > KeptMax)
        {
            _ids.Remove(_order.Dequeue());
        }

        return true;
    }
}
