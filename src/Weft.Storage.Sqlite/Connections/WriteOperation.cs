namespace Weft.Storage.Sqlite;

/// <summary>A change that waits to be committed. It may be applied more than once: what counts is the last time.</summary>
internal abstract class WriteOperation
{
    /// <summary>Makes the change, within the transaction of the connection.</summary>
    public abstract void Apply(StoreConnection connection);

    /// <summary>Tells the caller that the change is committed.</summary>
    public abstract void Complete();

    /// <summary>Tells the caller that nothing was changed.</summary>
    public abstract void Fail(Exception exception);
}

/// <summary>A change with a result.</summary>
internal sealed class WriteOperation<T>(Func<StoreConnection, T> work) : WriteOperation
{
    // The caller's code must not run on the writer's loop.
    private readonly TaskCompletionSource<T> _committed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _result;

    public Task<T> Committed => _committed.Task;

    public override void Apply(StoreConnection connection) => _result = work(connection);

    public override void Complete() => _committed.SetResult(_result!);

    public override void Fail(Exception exception) => _committed.SetException(exception);
}
