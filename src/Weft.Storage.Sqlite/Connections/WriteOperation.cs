namespace Weft.Storage.Sqlite;

/// <summary>A change that waits to be committed. It may be applied more than once; only the last time counts.</summary>
internal abstract class WriteOperation
{
    /// <summary>Makes the change in the transaction of the connection.</summary>
    public abstract void Apply(StoreConnection connection);

    /// <summary>Completes the caller's task, because the change is committed.</summary>
    public abstract void Complete();

    /// <summary>Fails the caller's task, because nothing was changed.</summary>
    public abstract void Fail(Exception exception);
}

/// <summary>A change with a result.</summary>
internal sealed class WriteOperation<T>(Func<StoreConnection, T> work) : WriteOperation
{
    // Continuations run asynchronously, because the caller's code must not run on the writer's loop.
    private readonly TaskCompletionSource<T> _committed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _result;

    /// <summary>Whether a result that is an exception is thrown to the caller. Nothing is changed then.</summary>
    public bool Refuses { get; init; }

    public Task<T> Committed => _committed.Task;

    public override void Apply(StoreConnection connection) => _result = work(connection);

    public override void Complete()
    {
        if (Refuses && _result is Exception refusal)
        {
            _committed.SetException(refusal);
        }
        else
        {
            _committed.SetResult(_result!);
        }
    }

    public override void Fail(Exception exception) => _committed.SetException(exception);
}
