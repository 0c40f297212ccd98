using System.Globalization;
using System.Text;
using Weft.Graphs;

namespace Weft.CrashHost;

/// <summary>
/// A graph that keeps account of what it does. A run with <c>{"token":"a","steps":3,"ms":20}</c> executes one node three times, for
/// 20 milliseconds each. The state gets the entries <c>a:0</c> to <c>a:2</c>, and each is also written to the custom stream. If
/// <c>asks</c> is true, the run asks a question first.
/// </summary>
/// <remarks>
/// The file <c>ledger-&lt;process&gt;</c> in the folder has a line when a node begins and when it ends, with the time in microseconds:
/// what a server did, whatever became of it.
/// </remarks>
internal static class LedgerGraph
{
    public static CompiledGraph Create(string folder)
    {
        var ledger = new Ledger(Path.Combine(folder, $"ledger-{Environment.ProcessId}"));
        var log = Channel.List<string>("log");
        var token = Channel.LastValue<string>("token");
        var steps = Channel.LastValue<int>("steps");
        var pause = Channel.LastValue<int>("ms");
        var asks = Channel.LastValue<bool>("asks");
        var done = Channel.LastValue<int>("done");

        NodeResult Begin(NodeContext context)
        {
            if (context.Get(asks))
            {
                context.Interrupt("Go on?");
            }

            return new StateUpdate().Set(done, 0);
        }

        async Task<NodeResult> WorkAsync(NodeContext context, CancellationToken cancellationToken)
        {
            var entry = string.Create(CultureInfo.InvariantCulture, $"{context.Get(token)}:{context.Get(done)}");
            ledger.Write("begin", context, entry);
            context.Write(entry);
            await Task.Delay(context.Get(pause), cancellationToken);
            ledger.Write("end", context, entry);
            return new StateUpdate().Add(log, entry).Set(done, context.Get(done) + 1);
        }

        Destination Next(NodeContext context) => context.Get(done) < context.Get(steps) ? "work" : StateGraph.End;

        return new StateGraph()
            .AddChannels(log, token, steps, pause, asks, done)
            .AddNode("begin", Begin)
            .AddNode("work", WorkAsync)
            .AddEdge(StateGraph.Start, "begin")
            .AddConditionalEdges("begin", Next, ["work", StateGraph.End])
            .AddConditionalEdges("work", Next, ["work", StateGraph.End])
            .Compile(new CompileOptions { Name = "ledger" });
    }

    private sealed class Ledger(string path)
    {
        private readonly Lock _lock = new();

        public void Write(string what, NodeContext context, string entry)
        {
            lock (_lock)
            {
                var microseconds = (DateTime.UtcNow - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
                var line = string.Create(
                    CultureInfo.InvariantCulture, $"{microseconds} {what} {context.ThreadId} {context.RunId} {entry}\n");
                File.AppendAllText(path, line, Encoding.UTF8);
            }
        }
    }
}
