using Microsoft.Extensions.DependencyInjection;

namespace Weft.Graphs;

/// <summary>
/// One try of a task: a fence around its code, the services that live as long as the try, and the identities of the
/// questions, graphs and durable steps of the code.
/// </summary>
internal sealed class NodeAttempt(Fence? outer, NodeTask task, GraphRunOptions options) : Fence(outer)
{
    private readonly Lock _lock = new();
    private volatile bool _isOver;
    private TaskQuestions? _questions;
    private TaskGraphs? _graphs;
    private TaskSteps? _steps;
    private AsyncServiceScope? _scope;
    private Task? _leftBehind;
    private bool _hasEnded;

    /// <summary>The runner of a graph inside the node; null if none has run.</summary>
    public SuperstepRunner? Inside { get; set; }

    /// <summary>
    /// Whether the node has returned, failed or paused. Later questions of its code are not recorded.
    /// </summary>
    public bool IsOver => _isOver;

    public TaskQuestions Questions => LazyInitializer.EnsureInitialized(ref _questions, () => new TaskQuestions(this, task, options.RunId));

    public TaskSteps Steps => LazyInitializer.EnsureInitialized(ref _steps, () => new TaskSteps(task.Id));

    /// <summary>Whether there are services to dispose of.</summary>
    public bool HasServices => _scope is not null;

    /// <summary>The services of a scope that is made when it is first asked for.</summary>
    public IServiceProvider Services
    {
        get
        {
            lock (_lock)
            {
                ObjectDisposedException.ThrowIf(_hasEnded, typeof(IServiceProvider));
                if (_scope is null && options.Services?.GetService(typeof(IServiceScopeFactory)) is IServiceScopeFactory scopes)
                {
                    _scope = new AsyncServiceScope(scopes.CreateScope());
                }

                return _scope?.ServiceProvider ?? options.Services ?? NoServices.Instance;
            }
        }
    }

    public TaskGraphs Graphs(SuperstepFrame frame, GraphScope scope, ITaskJournal? journal) =>
        LazyInitializer.EnsureInitialized(ref _graphs, () => new TaskGraphs(task, frame, options, scope, journal));

    /// <summary>
    /// Stops recording. The code may still stream and store, because it belongs to the run until the fence is closed.
    /// </summary>
    public void Finish() => _isOver = true;

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

        lock (_lock)
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
