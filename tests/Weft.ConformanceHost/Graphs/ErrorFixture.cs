using Weft.Graphs;

namespace Weft.ConformanceHost.Graphs;

/// <summary>Fails after a second, with an error of a type of its own.</summary>
internal static class ErrorFixture
{
    public static CompiledGraph Create() => new StateGraph()
        .AddChannel(Channel.Messages())
        .AddNode("error_node", FailAsync)
        .AddEdge(StateGraph.Start, "error_node")
        .Compile();

    private static async Task<NodeResult> FailAsync(NodeContext context, CancellationToken cancellationToken)
    {
        await Task.Delay(TimeSpan.FromSeconds(1), context.Time, cancellationToken);
        throw new CustomError("Boo!");
    }

#pragma warning disable CA1710 // Clients look for this very name.
    private sealed class CustomError(string message) : Exception(message);
#pragma warning restore CA1710
}
