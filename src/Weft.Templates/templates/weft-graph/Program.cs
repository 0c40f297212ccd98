using Weft.Graphs;

var graph = Essay.CreateGraph()
    .AddNode("write", state => new() { Draft = $"All about {state.Topic}.", Log = ["wrote"] })
    .AddNode("review", (state, context) => new() { Approved = context.Interrupt($"Print '{state.Draft}'?").GetBoolean() })
    .AddNode("print", state => new() { Log = [$"printed {state.Words} words"] })
    .AddEdge(StateGraph.Start, "write")
    .AddEdge("write", "review")
    .AddConditionalEdges("review", state => state.Approved ? "print" : StateGraph.End, ["print", StateGraph.End])
    .Compile();

// The thread keeps the state, so that the run can pause at the question and continue with the answer.
var thread = new GraphRunOptions { Checkpointer = new InMemoryCheckpointer() };
var paused = await graph.RunAsync(GraphInput.Of(new Essay(args is [var topic, ..] ? topic : "looms")), thread);

Console.Write($"{paused.Interrupts[0].Value.GetString()} [y/n] ");
var done = await graph.RunAsync(Command.ResumeWith(Console.ReadLine() is "y"), thread);
Console.WriteLine(string.Join(", ", done.Values.As<Essay>().Log));

/// <summary>The state: each member is a channel.</summary>
[GraphState]
public sealed partial record Essay(string Topic)
{
    public string Draft { get; init; } = "";

    public bool Approved { get; init; }

    [Append]
    public IReadOnlyList<string> Log { get; init; } = [];

    public int Words => Draft.Split(' ').Length;
}
