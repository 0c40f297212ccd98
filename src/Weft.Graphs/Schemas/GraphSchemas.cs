using System.Text.Json;

namespace Weft.Graphs;

/// <summary>The JSON Schemas (draft 2020-12) of a graph.</summary>
/// <param name="Input">Of its input.</param>
/// <param name="Output">Of its output, as a graph around it sees it.</param>
/// <param name="State">Of its state.</param>
/// <param name="Config">Of <c>config.configurable</c>; null if it is not declared.</param>
/// <param name="Context">Of the static context of a run; null if it is not declared.</param>
public sealed record GraphSchemas(JsonElement Input, JsonElement Output, JsonElement State, JsonElement? Config, JsonElement? Context)
{
    /// <summary>Writes the schemas in the form of the protocol (docs/protocol/assistants.md B2).</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="graphId">The graph's id.</param>
    public void WriteTo(Utf8JsonWriter writer, string graphId)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        writer.WriteString("graph_id"u8, graphId);
        Write(writer, "input_schema", Input);
        Write(writer, "output_schema", Output);
        Write(writer, "state_schema", State);
        Write(writer, "config_schema", Config ?? Context);
        Write(writer, "context_schema", Context);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, string member, JsonElement? schema)
    {
        writer.WritePropertyName(member);
        if (schema is { } known)
        {
            known.WriteTo(writer);
        }
        else
        {
            writer.WriteNullValue();
        }
    }
}
