using System.Globalization;

namespace Weft.Graphs;

/// <summary>
/// Names the place of a graph inside another: <c>node:task_id</c>, further ones joined by <c>|</c>
/// (docs/protocol/engine.md G4).
/// </summary>
public static class CheckpointNamespace
{
    internal const char Separator = '|';

    internal const char TaskSeparator = ':';

    /// <summary>
    /// Returns the nodes that lead to a namespace, from the root on, with the number of the graph inside each, and the index of its
    /// segment.
    /// </summary>
    internal static IEnumerable<(string Node, int Call, int Index)> Parse(string checkpointNamespace) =>
        Parse(checkpointNamespace.Split(Separator));

    /// <summary>As above, from the segments of the namespace.</summary>
    internal static IEnumerable<(string Node, int Call, int Index)> Parse(string[] segments)
    {
        (string Node, int Call, int Index)? found = null;
        for (var i = 0; i < segments.Length; i++)
        {
            var segment = segments[i];
            if (segment.Length == 0)
            {
                continue;
            }

            if (found is { } before)
            {
                if (int.TryParse(segment, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                {
                    found = before with { Call = number };
                    continue;
                }

                yield return before;
            }

            found = (segment.Split(TaskSeparator, 2)[0], 0, i);
        }

        if (found is { } last)
        {
            yield return last;
        }
    }

    internal static string OfTask(string graphNamespace, string node, string taskId) => OfNode(graphNamespace, $"{node}:{taskId}");

    internal static string OfNode(string graphNamespace, string node) =>
        graphNamespace.Length == 0 ? node : $"{graphNamespace}{Separator}{node}";

    /// <summary>The second and later graphs that one task runs are numbered.</summary>
    internal static string OfCall(string taskNamespace, int call) =>
        call == 0 ? taskNamespace : string.Create(CultureInfo.InvariantCulture, $"{taskNamespace}{Separator}{call}");
}
