using Microsoft.Extensions.DependencyInjection;
using Weft.Graphs;

namespace Weft.Agents;

/// <summary>
/// The services of a call of a tool: those of its task, or a scope of its own if the task makes several calls at the same time.
/// </summary>
internal sealed class CallServices : IAsyncDisposable
{
    private readonly AsyncServiceScope? _scope;

    public CallServices(NodeContext context, bool isAlone)
    {
        if (!isAlone && context.Services.GetService(typeof(IServiceScopeFactory)) is IServiceScopeFactory scopes)
        {
            _scope = new AsyncServiceScope(scopes.CreateScope());
        }

        Services = _scope?.ServiceProvider ?? context.Services;
    }

    public IServiceProvider Services { get; }

    public ValueTask DisposeAsync() => _scope?.DisposeAsync() ?? default;
}
