namespace Weft.Graphs;

/// <summary>
/// Separates code that still belongs to its run from code that was left behind. After the fence is closed, the events,
/// questions and writes of the code behind it have no effect. A fence is closed as soon as one around it is.
/// </summary>
internal class Fence(Fence? outer)
{
    private volatile bool _isClosed;

    public bool IsClosed => _isClosed || outer is { IsClosed: true };

    public void Close() => _isClosed = true;

    /// <exception cref="OperationCanceledException">The fence is closed.</exception>
    public void ThrowIfClosed()
    {
        if (IsClosed)
        {
            throw new OperationCanceledException(
                "This code was left behind because it did not stop in time. It can no longer act for its run.");
        }
    }
}
