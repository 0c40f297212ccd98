using Microsoft.Extensions.DependencyInjection;

namespace Weft.Graphs;

/// <summary>One try of a task: a fence around its code, and the services that live as long as the try.</summary>
internal sealed class NodeAttempt(Fence? outer, IServiceProvider? services) : Fence(outer)
{
    private AsyncServiceScope? _scope;
    private Task? _leftBehind;
    private bool _hasEnded;

    /// <summary>The runner of a graph inside of the node; null when none has run.</summary>
    public NodeRunner? Inside { get; set; }

    /// <summary>Whether there are services to dispose of.</summary>
    public bool HasServices => _scope is not null;

    /// <summary>The services of a scope that is made when it is first asked for.</summary>
    public IServiceProvider Services
    {
        get
        {
            lock (this)
            {
                ObjectDisposedException.ThrowIf(_hasEnded, typeof(IServiceProvider));
                if (_scope is null && services?.GetService(typeof(IServiceScopeFactory)) is IServiceScopeFactory scopes)
                {
                    _scope = new AsyncServiceScope(scopes.CreateScope());
                }

                return _scope?.ServiceProvider ?? services ?? NoServices.Instance;
            }
        }
    }

    /// <summary>Closes the fence. The services stay until the code has returned.</summary>
    public void LeaveBehind(Task work)
    {
        _leftBehind = work;
        Close();
    }

    /// <summary>Disposes of the services.</summary>
    public ValueTask EndAsync()
    {
        if (_leftBehind is { IsCompleted: false } work)
        {
            _ = EndAfterAsync(work);
            return default;
        }

        lock (this)
        {
            _hasEnded = true;
            return _scope is { } scope ? scope.DisposeAsync() : default;
        }
    }

    private async Task EndAfterAsync(Task work)
    {
        await work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await EndAsync();
    }

    /// <summary>The services of a run that was given none.</summary>
    private sealed class NoServices : IServiceProvider
    {
        public static NoServices Instance { get; } = new();

        public object? GetService(Type serviceType) => null;
    }
}
