namespace Weft.Storage.Sqlite;

/// <summary>How many rows a read may examine before it has to move to a thread for long reads.</summary>
/// <param name="rows">The number of rows; null means no limit.</param>
/// <param name="cancellationToken">Stops a read without a limit, which may take seconds.</param>
internal sealed class ReadBudget(int? rows, CancellationToken cancellationToken)
{
    /// <summary>What a read may examine on the thread of its caller. It takes about a millisecond.</summary>
    public const int RowsAtOnce = 1_000;

    private int? _left = rows;

    /// <summary>Takes the cost of examining rows.</summary>
    /// <exception cref="ReadBudgetSpentException">The budget is spent. The read starts again on another thread.</exception>
    public void Spend(long rows = 1)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_left is { } left)
        {
            _left = left >= rows ? left - (int)rows : throw new ReadBudgetSpentException();
        }
    }
}

/// <summary>A read examines more rows than it may on the thread of its caller.</summary>
internal sealed class ReadBudgetSpentException : Exception;
