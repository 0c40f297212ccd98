using System.Collections;
using Microsoft.Extensions.Logging;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>The scope in which the code of nodes logs: each line has the thread, the run and the node.</summary>
internal sealed partial class NodeLogScope(ILoggerFactory loggers)
{
    private readonly ILogger _logger = loggers.CreateLogger("Weft.Nodes");

    /// <summary>Begins the scope of a node. A logging provider that throws does not fail the node.</summary>
    public IDisposable? Begin(NodeContext context)
    {
        try
        {
            return _logger.BeginScope(new State(context.ThreadId, context.RunId, context.Node, context.TaskId));
        }
        catch (Exception e)
        {
            LogNoScope(context.Node, e);
            return null;
        }
    }

    [LoggerMessage(1, LogLevel.Debug, "The log scope of the node {Node} could not begin.")]
    private partial void LogNoScope(string node, Exception error);

    private sealed class State(string threadId, string? runId, string node, string taskId) : IReadOnlyList<KeyValuePair<string, object?>>
    {
        public int Count => 4;

        public KeyValuePair<string, object?> this[int index] => index switch
        {
            0 => new("ThreadId", threadId),
            1 => new("RunId", runId),
            2 => new("Node", node),
            3 => new("TaskId", taskId),
            _ => throw new ArgumentOutOfRangeException(nameof(index)),
        };

        public IEnumerator<KeyValuePair<string, object?>> GetEnumerator()
        {
            for (var i = 0; i < Count; i++)
            {
                yield return this[i];
            }
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        public override string ToString() => $"thread {threadId}, run {runId}, node {node}, task {taskId}";
    }
}
