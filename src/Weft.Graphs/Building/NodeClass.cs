using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;

namespace Weft.Graphs;

/// <summary>
/// Makes nodes that are classes: each try of a node has another object, from the services if they have the class.
/// </summary>
internal sealed class NodeClass<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TNode>
    where TNode : class
{
    private readonly ObjectFactory<TNode> _create = ActivatorUtilities.CreateFactory<TNode>([]);

    public async ValueTask<NodeResult> RunAsync(NodeContext context, Func<TNode, Task<NodeResult>> run)
    {
        var services = context.Services;
        if (services.GetService(typeof(TNode)) is TNode known)
        {
            return await run(known);
        }

        var node = _create(services, []);
        try
        {
            return await run(node);
        }
        finally
        {
            // The services do not know the object, so they do not dispose it.
            if (node is IAsyncDisposable asynchronous)
            {
                await asynchronous.DisposeAsync();
            }
            else if (node is IDisposable disposable)
            {
                disposable.Dispose();
            }
        }
    }
}
