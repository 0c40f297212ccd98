using System.Collections.Frozen;
using System.Text.Json;

namespace Weft.Graphs;

/// <summary>The position of a graph in a run: at the root, or inside a task of another graph.</summary>
internal sealed record GraphScope
{
    public static GraphScope Root { get; } = new();

    /// <summary>The checkpoint namespace; empty at the root.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>The call of the surrounding task for which the graph runs; null if the task makes only one.</summary>
    public GraphCall? Call { get; init; }

    /// <summary>
    /// For each graph around this one, from the root on: its namespace, and the id of the checkpoint whose superstep is
    /// running.
    /// </summary>
    public IReadOnlyList<KeyValuePair<string, string>> Parents { get; init; } = [];

    /// <summary>Whether the task around it runs again, so that the graph continues from its own checkpoint.</summary>
    public bool IsResuming { get; init; }

    /// <summary>Answers for the graph or for those inside it, by interrupt id.</summary>
    public IReadOnlyDictionary<string, JsonElement> Answers { get; init; } = TaskOutcome.NoAnswers;

    /// <summary>
    /// The ids of interrupts of the graph, or of those inside it, that are open again because the run answers at a past checkpoint.
    /// </summary>
    public IReadOnlySet<string> AskedAgain { get; init; } = FrozenSet<string>.Empty;

    /// <summary>The answer, kept by a graph around this one, for the first question that is asked.</summary>
    public UnclaimedAnswer? Unclaimed { get; init; }

    /// <summary>
    /// Whether a graph around this one has a checkpointer, so that a pause of this one can be resumed.
    /// </summary>
    public bool IsKept { get; init; }

    /// <summary>The fence of the task around the graph; null at the root.</summary>
    public NodeAttempt? Fence { get; init; }

    public bool IsRoot => Parents.Count == 0;

    /// <summary>
    /// The fence around the graph: of the task, or at the root of the run; null if nothing leaves code behind.
    /// </summary>
    public Fence? FenceOf(GraphRunOptions options) => Fence ?? options.Guard?.Fence;
}
