using System.Text.Json;
using CsCheck;
using static Weft.Graphs.Tests.TestGraphs;

namespace Weft.Graphs.Tests.Execution;

/// <summary>
/// A graph whose edges lead from earlier nodes to later ones: each node has edges, a joined edge or sends of others that lead
/// to it. Some nodes are deferred, some ask a question, some run a graph inside, which may ask too.
/// </summary>
internal sealed record RandomGraph(IReadOnlyList<RandomGraph.Node> Nodes)
{
    public static Gen<RandomGraph> Gen { get; } =
        CsCheck.Gen.Select(
            CsCheck.Gen.Bool.List[6],
            CsCheck.Gen.Bool,
            CsCheck.Gen.Int[0, 5].List[0, 2],
            CsCheck.Gen.Enum<Kind>(),
            (sources, isJoined, sends, kind) => new Node(sources, isJoined, sends, kind))
            .List[1, 6].Select(nodes => new RandomGraph(nodes));

    /// <param name="pace">Awaited by each execution of a node before it returns.</param>
    public CompiledGraph Build(Func<string, Task> pace)
    {
        var graph = New();
        for (var i = 0; i < Nodes.Count; i++)
        {
            var name = NameOf(i);
            var kind = Nodes[i].Kind;
            int[] sends = [.. Nodes[i].Sends.Where(target => target > i && target < Nodes.Count)];
            graph.AddNode(
                name,
                async (context, cancellationToken) =>
                {
                    await pace(name);
                    var did = await DoAsync(kind, context, pace, cancellationToken);
                    return new Command
                    {
                        Update = new StateUpdate()
                            .Add(
                                Trail,
                                context.Input is { } sent ? $"{name}({sent}){did}" : $"{name}({context.Get(Trail)!.Count}){did}")
                            .Set(Count, i),
                        Goto = [.. sends.Select(target => (Destination)Send.Of(NameOf(target), JsonElement.Parse("\"sent\"")))],
                    };
                },
                new NodeOptions { Destinations = [.. sends.Select(NameOf)], Defer = kind == Kind.Deferred });
            Connect(graph, i);
        }

        return graph.Compile();
    }

    public override string ToString() => JsonSerializer.Serialize(Nodes);

    private static async Task<string> DoAsync(Kind kind, NodeContext context, Func<string, Task> pace, CancellationToken cancellationToken)
    {
        switch (kind)
        {
            case Kind.Asks:
                return context.Interrupt("sure?").ToString();
            case Kind.RunsGraph or Kind.RunsGraphThatAsks:
                var inner = New()
                    .AddNode("first", async (_, _) =>
                    {
                        await pace("first");
                        return new StateUpdate().Add(Trail, "first");
                    })
                    .AddNode(
                        "second",
                        inside => new StateUpdate().Add(Trail, kind == Kind.RunsGraph ? "second" : inside.Interrupt("inside?").ToString()))
                    .Chain("first", "second").Compile();
                return string.Join('+', (await context.RunAsync(inner, StateUpdate.None, cancellationToken)).Get(Trail)!);
            default:
                return "";
        }
    }

    private static string NameOf(int index) => $"n{index}";

    private void Connect(StateGraph graph, int index)
    {
        string[] sources = [.. Enumerable.Range(0, index).Where(source => Nodes[index].Sources[source]).Select(NameOf)];
        if (sources.Length == 0)
        {
            graph.AddEdge(StateGraph.Start, NameOf(index));
        }
        else if (Nodes[index].IsJoined)
        {
            graph.AddEdge(sources, NameOf(index));
        }
        else
        {
            Array.ForEach(sources, source => graph.AddEdge(source, NameOf(index)));
        }
    }

    internal enum Kind
    {
        Plain,
        Deferred,
        Asks,
        RunsGraph,
        RunsGraphThatAsks,
    }

    internal sealed record Node(IReadOnlyList<bool> Sources, bool IsJoined, IReadOnlyList<int> Sends, Kind Kind);
}
