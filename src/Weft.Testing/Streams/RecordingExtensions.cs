using Weft.Graphs;
using Weft.Server;

namespace Weft.Testing;

/// <summary>Runs graphs in the process of the test and records their streams.</summary>
public static class RecordingExtensions
{
    private const StreamMode Usual = StreamMode.Values | StreamMode.Updates | StreamMode.MessagesTuple | StreamMode.Custom;

    /// <summary>Runs a graph to its end or to a pause, and records what it streams.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="input">New input, a command, or <see cref="GraphInput.Continue"/>.</param>
    /// <param name="options">
    /// How to run it. A graph that asks needs a checkpointer. Without modes, the stream has those of <c>values</c>, <c>updates</c>,
    /// <c>messages-tuple</c> and <c>custom</c>. A sink is replaced.
    /// </param>
    /// <param name="cancellationToken">Stops the run.</param>
    /// <exception cref="NodeFailedException">A node threw.</exception>
    public static async Task<RecordedRun> RecordAsync(
        this CompiledGraph graph, GraphInput input, GraphRunOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(graph);
        options ??= new GraphRunOptions();
        var recorder = new Recorder();
        var recorded = options with { Modes = options.Modes == StreamMode.None ? Usual : options.Modes, Sink = recorder };
        var result = await graph.RunAsync(input, recorded, cancellationToken);
        return new RecordedRun(result, recorder.ToStream());
    }

    /// <summary>Records parts as the events that the server makes of them.</summary>
    internal sealed class Recorder : IStreamSink
    {
        private readonly List<RecordedEvent> _events = [];

        public void Emit(StreamPart part)
        {
            if (!PartEvents.TryEncode(part, hidesInterrupts: false, out var data))
            {
                return;
            }

            var name = PartEvents.NameOf(part);
            var inside = PartEvents.NamespaceOf(part);
            var json = GraphJson.Parse(data.ToArray());
            lock (_events)
            {
                _events.Add(new RecordedEvent(inside.Length == 0 ? name : $"{name}|{inside}", json));
            }
        }

        public RecordedStream ToStream()
        {
            lock (_events)
            {
                return new RecordedStream([.. _events]);
            }
        }
    }
}
