using System.Text.Json;

namespace Weft.Graphs;

/// <summary>The next destination of a graph: a node, by name, or a <see cref="Graphs.Send"/>.</summary>
public readonly record struct Destination
{
    private Destination(string node, Send? send)
    {
        Node = node;
        Send = send;
    }

    /// <summary>The node; <see cref="StateGraph.End"/> ends this branch.</summary>
    public string Node { get; }

    /// <summary>The send, if the node gets an input of its own.</summary>
    public Send? Send { get; }

    /// <summary>Whether it is the end.</summary>
    internal bool IsEnd => Send is null && Node == StateGraph.End;

    /// <summary>Goes to a node.</summary>
    public static implicit operator Destination(string node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return new(node, null);
    }

    /// <summary>Sends to a node.</summary>
    public static implicit operator Destination(Send send)
    {
        ArgumentNullException.ThrowIfNull(send);
        return new(send.Node, send);
    }

    /// <summary>Writes a list of them: names, and sends as <c>{"node":…,"input":…}</c>.</summary>
    internal static void WriteAll(Utf8JsonWriter writer, IReadOnlyList<Destination> destinations)
    {
        writer.WriteStartArray();
        foreach (var destination in destinations)
        {
            destination.WriteTo(writer);
        }

        writer.WriteEndArray();
    }

    internal void WriteTo(Utf8JsonWriter writer)
    {
        if (Send is null)
        {
            writer.WriteStringValue(Node);
            return;
        }

        writer.WriteStartObject();
        writer.WriteString("node"u8, Node);
        writer.WritePropertyName("input"u8);
        Send.Input.WriteTo(writer);
        writer.WriteEndObject();
    }
}
