using System.Text.Json;

namespace Weft.Graphs;

/// <summary>The nodes and edges of a drawn graph (docs/protocol/assistants.md B2).</summary>
/// <param name="Nodes">The start, the nodes as they were added, and the end.</param>
/// <param name="Edges">The edges.</param>
public sealed record DrawnGraph(IReadOnlyList<DrawnNode> Nodes, IReadOnlyList<DrawnEdge> Edges)
{
    /// <summary>Draws a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="depth">How many levels of graphs inside are drawn in place of their nodes; 0 means none.</param>
    public static DrawnGraph Of(CompiledGraph graph, int depth = 0)
    {
        ArgumentNullException.ThrowIfNull(graph);
        return GraphDrawing.Draw(graph, depth);
    }

    /// <summary>Writes the graph as JSON.</summary>
    public void WriteTo(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        writer.WriteStartArray("nodes"u8);
        foreach (var node in Nodes)
        {
            node.WriteTo(writer);
        }

        writer.WriteEndArray();
        writer.WriteStartArray("edges"u8);
        foreach (var edge in Edges)
        {
            edge.WriteTo(writer);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>Returns the graph as Mermaid text.</summary>
    public string ToMermaid() => Mermaid.Of(this);
}

/// <summary>A node of a drawing.</summary>
/// <param name="Id">Its id: the names of the nodes around it and its own, joined by <c>:</c>.</param>
/// <param name="Name">Its name.</param>
/// <param name="IsGraph">Whether it is a graph whose nodes are not drawn.</param>
public sealed record DrawnNode(string Id, string Name, bool IsGraph)
{
    /// <summary>Where each run stops at it: <c>before</c>, <c>after</c> or <c>before,after</c>; null if it does not.</summary>
    public string? Interrupt { get; init; }

    internal void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, Id);
        if (Id is StateGraph.Start or StateGraph.End)
        {
            writer.WriteString("type"u8, "schema"u8);
            writer.WriteString("data"u8, Id);
        }
        else
        {
            writer.WriteString("type"u8, "runnable"u8);
            writer.WriteStartObject("data"u8);
            writer.WriteStartArray("id"u8);
            writer.WriteStringValue("weft"u8);
            writer.WriteStringValue("graphs"u8);
            writer.WriteStringValue(IsGraph ? "CompiledGraph"u8 : "Node"u8);
            writer.WriteEndArray();
            writer.WriteString("name"u8, Name);
            writer.WriteEndObject();
            writer.WriteStartObject("metadata"u8);
            if (Interrupt is not null)
            {
                writer.WriteString("__interrupt"u8, Interrupt);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }
}

/// <summary>An edge of a drawing.</summary>
/// <param name="Source">Where it begins.</param>
/// <param name="Target">Where it ends.</param>
/// <param name="IsConditional">Whether it is a conditional edge.</param>
/// <param name="Label">The label, which says when it is taken.</param>
public sealed record DrawnEdge(string Source, string Target, bool IsConditional = false, string? Label = null)
{
    internal void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("source"u8, Source);
        writer.WriteString("target"u8, Target);
        writer.WriteBoolean("conditional"u8, IsConditional);
        if (Label is not null)
        {
            writer.WriteString("data"u8, Label);
        }

        writer.WriteEndObject();
    }
}
