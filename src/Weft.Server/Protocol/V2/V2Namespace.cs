using Weft.Graphs;

namespace Weft.Server;

/// <summary>The place of a graph in a run: <c>node:task_id</c> segments, none for the root graph.</summary>
internal sealed class V2Namespace
{
    private V2Namespace(string text)
    {
        Text = text;
        Segments = text.Length == 0 ? [] : text.Split('|');
        Json = GraphJson.Encode(Segments, static (writer, segments) =>
        {
            writer.WriteStartArray();
            foreach (var segment in segments)
            {
                writer.WriteStringValue(segment);
            }

            writer.WriteEndArray();
        });
    }

    /// <summary>The place of the root graph.</summary>
    public static V2Namespace Root { get; } = new("");

    /// <summary>The checkpoint namespace.</summary>
    public string Text { get; }

    /// <summary>The segments, the outermost graph first.</summary>
    public string[] Segments { get; }

    /// <summary>The segments as a JSON array.</summary>
    public byte[] Json { get; }

    /// <summary>Returns the place with this checkpoint namespace.</summary>
    public static V2Namespace Of(string checkpointNamespace) => checkpointNamespace.Length == 0 ? Root : new(checkpointNamespace);
}
