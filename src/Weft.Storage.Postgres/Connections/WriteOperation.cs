using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>A write that waits to be committed.</summary>
internal abstract class WriteOperation(ThreadId threadId)
{
    /// <summary>The thread. The writes of a thread are committed in their order.</summary>
    public ThreadId ThreadId => threadId;

    /// <summary>The bytes that it adds to its group.</summary>
    public virtual int Bytes => 0;

    /// <summary>Completes the caller's task, because the write is committed.</summary>
    public abstract void Complete();

    /// <summary>Fails the caller's task, because nothing was written.</summary>
    public abstract void Fail(Exception exception);
}

/// <summary>A place among the writes of a thread, for those who read after them. It writes nothing.</summary>
internal sealed class ReadMark(ThreadId threadId) : WriteOperation(threadId)
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when the writes before it were committed, or have failed.</summary>
    public Task Reached => _reached.Task;

    public override void Complete() => _reached.SetResult();

    public override void Fail(Exception exception) => _reached.SetResult();
}

/// <summary>A write in a transaction of its own.</summary>
internal sealed class LoneWrite<T>(ThreadId threadId, Func<Session, Task<T>> work) : LoneWrite(threadId)
{
    // Continuations run asynchronously, because the caller's code must not run on the writer's loop.
    private readonly TaskCompletionSource<T> _committed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _result;

    public Task<T> Committed => _committed.Task;

    public override async Task ApplyAsync(Session session) => _result = await work(session);

    public override void Complete() => _committed.SetResult(_result!);

    public override void Fail(Exception exception) => _committed.SetException(exception);
}

/// <summary>A write in a transaction of its own. It may be applied more than once; only the last time counts.</summary>
internal abstract class LoneWrite(ThreadId threadId) : WriteOperation(threadId)
{
    /// <summary>Makes the changes in the transaction of the session.</summary>
    public abstract Task ApplyAsync(Session session);
}

/// <summary>A write that is committed together with others.</summary>
internal abstract class RowWrite(ThreadId threadId) : WriteOperation(threadId)
{
    /// <summary>The <see cref="GroupedWrite{TRow, TResult}"/>, which identifies the kind.</summary>
    public abstract object Kind { get; }

    /// <summary>Makes the statement of rows of this kind.</summary>
    public abstract Statement Bind(Session session, IReadOnlyList<RowWrite> writes);

    /// <summary>Takes the result from a row; null means that the statement returned no row.</summary>
    public abstract void Take(Row? row);
}

/// <summary>A row of a kind of write.</summary>
internal sealed class RowWrite<TRow, TResult>(ThreadId threadId, GroupedWrite<TRow, TResult> kind, TRow row) : RowWrite(threadId)
{
    private readonly TaskCompletionSource<TResult> _committed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TResult? _result;

    public Task<TResult> Committed => _committed.Task;

    public override object Kind => kind;

    public override int Bytes { get; } = kind.BytesOf(row);

    public override Statement Bind(Session session, IReadOnlyList<RowWrite> writes)
    {
        var statement = session.Use(kind.Sql);
        kind.Bind(statement, [.. writes.Select(static write => ((RowWrite<TRow, TResult>)write).Given)]);
        return statement;
    }

    public override void Take(Row? row) => _result = row is { } found ? kind.Read(found) : kind.Missing;

    public override void Complete() => _committed.SetResult(_result!);

    public override void Fail(Exception exception) => _committed.SetException(exception);

    private TRow Given => row;
}
