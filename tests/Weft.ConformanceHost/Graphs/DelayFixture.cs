using System.Globalization;
using Weft.Graphs;

namespace Weft.ConformanceHost.Graphs;

/// <summary>Waits as long as it is told to.</summary>
internal static class DelayFixture
{
    public static CompiledGraph Create()
    {
        var messages = Channel.Messages();
        var delay = Channel.LastValue<double>("delay");

        async Task<NodeResult> WaitAsync(NodeContext context, CancellationToken cancellationToken)
        {
            var wait = context.Get(delay);
            await Task.Delay(TimeSpan.FromMilliseconds(wait), context.Time, cancellationToken);
            return new StateUpdate().Add(messages, string.Create(CultureInfo.InvariantCulture, $"finished after {wait}ms"));
        }

        return new StateGraph()
            .AddChannels(messages, delay)
            .AddNode("long_running", WaitAsync)
            .AddEdge(StateGraph.Start, "long_running")
            .AddEdge("long_running", StateGraph.End)
            .Compile(new CompileOptions { Name = "delay" });
    }
}
