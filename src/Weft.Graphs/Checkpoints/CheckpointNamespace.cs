using System.Globalization;

namespace Weft.Graphs;

/// <summary>
/// Names the place of a graph inside another: <c>node:task_id</c>, further ones joined by <c>|</c>
/// (docs/protocol/engine.md G4).
/// </summary>
public static class CheckpointNamespace
{
    private const char Separator = '|';

    /// <summary>
    /// Returns the nodes that lead to a namespace, from the root on, with the number of the graph inside each.
    /// </summary>
    internal static IEnumerable<(string Node, int Call)> Parse(string checkpointNamespace)
    {
        string? node = null;
        var call = 0;
        foreach (var segment in checkpointNamespace.Split(Separator, StringSplitOptions.RemoveEmptyEntries))
        {
            if (node is not null && int.TryParse(segment, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                call = number;
                continue;
            }

            if (node is not null)
            {
                yield return (node, call);
            }

            node = segment.Split(':', 2)[0];
            call = 0;
        }

        if (node is not null)
        {
            yield return (node, call);
        }
    }

    internal static string OfTask(string graphNamespace, string node, string taskId) => OfNode(graphNamespace, $"{node}:{taskId}");

    internal static string OfNode(string graphNamespace, string node) =>
        graphNamespace.Length == 0 ? node : $"{graphNamespace}{Separator}{node}";

    /// <summary>The second and later graphs that one task runs are numbered.</summary>
    internal static string OfCall(string taskNamespace, int call) =>
        call == 0 ? taskNamespace : string.Create(CultureInfo.InvariantCulture, $"{taskNamespace}{Separator}{call}");
}
