using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Weft.Graphs;

namespace Weft.Testing;

/// <summary>
/// One execution of one node: what it wrote, where it led, what it asked and what it streamed. The methods <c>Expect…</c> fail with
/// both, what was expected and what the node did. Expected objects may leave members out.
/// </summary>
public sealed class NodeRun
{
    internal NodeRun(string node, RecordedStream stream)
    {
        Node = node;
        Stream = stream;
    }

    /// <summary>The name of the node.</summary>
    public string Node { get; }

    /// <summary>What the node wrote: an object of channel names and values; empty if it wrote nothing, or paused.</summary>
    public required JsonElement Update { get; init; }

    /// <summary>
    /// The nodes that run next: those that the node and the conditional edges behind it chose, and those of its edges. A node that gets
    /// several sends is listed once for each.
    /// </summary>
    public IReadOnlyList<string> Next { get; init; } = [];

    /// <summary>The sends that the node and the conditional edges behind it chose.</summary>
    public IReadOnlyList<Send> Sends { get; init; } = [];

    /// <summary>The state with the update applied.</summary>
    public required ChannelValues Values { get; init; }

    /// <summary>The questions that it asked and that have no answer; none if it has finished.</summary>
    public IReadOnlyList<JsonElement> Questions { get; init; } = [];

    /// <summary>Whether it stopped to be resumed: it asked, or a graph inside it paused.</summary>
    public bool IsPaused { get; init; }

    /// <summary>Whether its command is for the graph around its own.</summary>
    public bool IsForParent { get; init; }

    /// <summary>What it streamed: pieces of messages, custom data, tools.</summary>
    public RecordedStream Stream { get; }

    /// <summary>Checks what the node wrote.</summary>
    /// <exception cref="ExpectationException">It wrote something else, or paused.</exception>
    public void ExpectUpdate([StringSyntax(StringSyntaxAttribute.Json)] string json)
    {
        ExpectFinished();
        JsonMatch.Expect($"The update of node '{Node}'", json, Update);
    }

    /// <summary>Checks which nodes run next. No name means that the path ends.</summary>
    /// <exception cref="ExpectationException">Others do, or the node paused.</exception>
    public void ExpectNext(params IReadOnlyList<string> nodes)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        ExpectFinished();
        JsonMatch.ExpectNames($"The nodes after node '{Node}'", nodes, Next);
    }

    /// <summary>Checks the questions that the node waits on.</summary>
    /// <exception cref="ExpectationException">It asked others, or none.</exception>
    public void ExpectQuestions([StringSyntax(StringSyntaxAttribute.Json)] params IReadOnlyList<string> json)
    {
        ArgumentNullException.ThrowIfNull(json);
        JsonMatch.Expect($"The questions of node '{Node}'", json, Questions);
    }

    private void ExpectFinished()
    {
        if (IsPaused)
        {
            var questions = string.Join(", ", Questions.Select(question => question.GetRawText()));
            throw new ExpectationException($"Node '{Node}' has not finished. It asks: {questions}");
        }
    }
}
