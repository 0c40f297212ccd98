namespace Weft.Storage.Postgres;

/// <summary>
/// A kind of write that is committed together with others of its kind, as the rows of one statement. There is one object for each
/// kind.
/// </summary>
/// <remarks>
/// The rows of an execution belong to different threads, and are in the order of the ids of their threads, so that all statements
/// lock rows in the same order. A statement may be executed again if it is not known whether it was committed, so it finds what it
/// has stored before. It refuses a row by returning nothing for it, or a result that says so; an error fails only the row that
/// causes it, but costs a transaction for each row of the group. Statements look up rows in ways that have one possible plan:
/// in a lateral subquery with a limit or a lock, or by <c>key = ANY (ARRAY[given.key])</c>, which no scan of a table can answer.
/// </remarks>
internal abstract class GroupedWrite<TRow, TResult>
{
    /// <summary>
    /// The statement. It reads <c>unnest($1::…[], $2::…[] …) WITH ORDINALITY</c>, and returns the ordinal, a bigint, as the first
    /// column of each row of its result.
    /// </summary>
    public abstract string Sql { get; }

    /// <summary>The result of a row for which the statement returned none.</summary>
    public abstract TResult Missing { get; }

    /// <summary>
    /// Adds an array for each parameter. Arrays with parts of rows may have other lengths than the others, if they name the ordinal
    /// of their row.
    /// </summary>
    public abstract void Bind(Statement statement, IReadOnlyList<TRow> rows);

    /// <summary>Returns the result of a row. Column 0 is the ordinal.</summary>
    public abstract TResult Read(Row row);

    /// <summary>The bytes that a row adds to its group; zero if it is always small.</summary>
    public virtual int BytesOf(TRow row) => 0;

    /// <summary>Writes one row in the transaction of a session, with other changes.</summary>
    public async Task<TResult> ApplyAsync(Session session, TRow row)
    {
        var statement = session.Use(Sql);
        Bind(statement, [row]);
        var results = await statement.ListAsync(Read);
        return results is [var result, ..] ? result : Missing;
    }
}
