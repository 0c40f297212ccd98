using Weft.Graphs;

namespace Weft.Samples;

/// <summary>The state of the research.</summary>
[GraphState]
internal sealed partial record Research(string Topic)
{
    public IReadOnlyList<string> Questions { get; init; } = [];

    /// <summary>The reducer appends: nodes that run at the same time add to one list.</summary>
    [Append]
    public IReadOnlyList<Finding> Findings { get; init; } = [];

    public string Report { get; init; } = "";
}

/// <summary>What was found out about a question.</summary>
internal sealed record Finding(string Question, string Answer);
