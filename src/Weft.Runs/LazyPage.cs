namespace Weft.Runs;

/// <summary>
/// A page of the matches of a search. As many of its rows as have <see cref="BytesAtOnce"/> are read with the search; the others are
/// read in batches of that size when the caller gets to them.
/// </summary>
/// <remarks>
/// The search decides which rows the page has and their order. A row that is read later is returned as it is then. It is skipped if it
/// was removed meanwhile, if it does not match the search any more, or if the actor does not see it any more. A page is enumerated by one
/// caller at a time.
/// </remarks>
/// <typeparam name="T">The type of a row.</typeparam>
public sealed class LazyPage<T> : IAsyncEnumerable<T>
{
    /// <summary>
    /// The number of bytes in memory at which a batch ends. The row that reaches it is the last one of the batch.
    /// </summary>
    public const int BytesAtOnce = 4_000_000;

    private readonly int _unread;
    private readonly IAsyncEnumerable<T>? _rows;
    private readonly Func<int, CancellationToken, Task<LazyBatch<T>>>? _read;

    /// <summary>Makes a page whose rows have all been read.</summary>
    /// <param name="rows">The rows, in order.</param>
    /// <param name="total">The number of all matches, if the search counts them.</param>
    public LazyPage(IReadOnlyList<T> rows, int total = 0)
    {
        ArgumentNullException.ThrowIfNull(rows);
        First = rows;
        Total = total;
    }

    /// <summary>Makes a page whose first rows have been read.</summary>
    /// <param name="first">The first rows, in order.</param>
    /// <param name="unread">The number of the others.</param>
    /// <param name="read">Reads a batch of the others, from a place among them, counted from 0.</param>
    /// <param name="total">The number of all matches, if the search counts them.</param>
    public LazyPage(IReadOnlyList<T> first, int unread, Func<int, CancellationToken, Task<LazyBatch<T>>> read, int total = 0)
        : this(first, total)
    {
        ArgumentNullException.ThrowIfNull(read);
        _unread = unread;
        _read = read;
    }

    /// <summary>Makes a page of the rows of another one, in another order or with others among them.</summary>
    /// <param name="rows">The rows, in order.</param>
    /// <param name="count">Their number, if none is skipped.</param>
    /// <param name="total">The number of all matches.</param>
    internal LazyPage(IAsyncEnumerable<T> rows, int count, int total)
        : this([], total)
    {
        _unread = count;
        _rows = rows;
    }

    /// <summary>
    /// The rows that were read with the search. It has at least one if the page has any, unless the rows come from another page.
    /// </summary>
    public IReadOnlyList<T> First { get; }

    /// <summary>The number of rows that the search found for this page.</summary>
    public int Count => First.Count + _unread;

    /// <summary>The number of all matches, without limit and offset; 0 if the search does not count them.</summary>
    public int Total { get; }

    /// <summary>Returns the rows in order.</summary>
    /// <param name="cancellationToken">Cancels.</param>
    public async IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        foreach (var row in First)
        {
            yield return row;
        }

        if (_rows is not null)
        {
            await foreach (var row in _rows.WithCancellation(cancellationToken))
            {
                yield return row;
            }

            yield break;
        }

        for (var at = 0; at < _unread;)
        {
            var batch = await _read!(at, cancellationToken);
            foreach (var row in batch.Rows)
            {
                yield return row;
            }

            at += batch.Places;
        }
    }

    /// <summary>Reads all rows. For pages that have few bytes, or whose caller needs all of them.</summary>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<IReadOnlyList<T>> ReadAllAsync(CancellationToken cancellationToken) =>
        _unread == 0 ? First : await this.ToListAsync(cancellationToken);
}

/// <summary>Rows of a <see cref="LazyPage{T}"/> that were read at once.</summary>
/// <param name="Rows">The rows.</param>
/// <param name="Places">How many places of the page they take, with those of rows that are skipped; at least 1.</param>
/// <typeparam name="T">The type of a row.</typeparam>
public readonly record struct LazyBatch<T>(IReadOnlyList<T> Rows, int Places);
