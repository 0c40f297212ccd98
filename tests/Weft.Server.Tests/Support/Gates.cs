using System.Collections.Concurrent;

namespace Weft.Server.Tests;

/// <summary>The doors at which nodes of the test graphs wait until a test lets them on.</summary>
public sealed class Gates
{
    private readonly ConcurrentDictionary<string, Gate> _gates = new();

    public Gate Of(string name) => _gates.GetOrAdd(name, static name => new Gate(name));

    public Gate New() => Of("gate-" + Guid.NewGuid());
}

/// <summary>A door: a node reports that it stands before it, and a test opens it.</summary>
public sealed class Gate(string name)
{
    private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Name => name;

    public void Open() => _opened.TrySetResult();

    /// <summary>Waits until a node stands before the door.</summary>
    public Task EnteredAsync() => _entered.Task.Within("a node to come to the gate");

    /// <summary>Waits until a node that stood before the door was cancelled.</summary>
    public Task CancelledAsync() => _cancelled.Task.Within("the node at the gate to be cancelled");

    internal async Task PassAsync(CancellationToken cancellationToken)
    {
        _entered.TrySetResult();
        try
        {
            await _opened.Task.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            _cancelled.TrySetResult();
            throw;
        }
    }
}
