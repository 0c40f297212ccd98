using System.Text.Json;
using Weft.Graphs;

namespace Weft.Server;

/// <summary>Encodes the questions of nodes and their answers.</summary>
internal static class V2Inputs
{
    private static readonly Func<StreamItem, byte[]> Data = static part => part is InputRequestedPart requested
        ? GraphJson.Encode(requested.Interrupt, Write)
        : GraphJson.Encode(((InputAnsweredPart)part).InterruptIds, Write);

    public static V2Event Of(StreamPart part) => new(
        part is InputRequestedPart ? V2Methods.InputRequested : V2Methods.InputAnswered, new JsonPieces(part.FormOf(Data)));

    /// <summary>The JS SDK reads <c>payload</c>, the Python SDK <c>value</c>.</summary>
    private static void Write(Utf8JsonWriter writer, Interrupt interrupt)
    {
        writer.WriteStartObject();
        writer.WriteString("interrupt_id"u8, interrupt.Id);
        writer.WritePropertyName("payload"u8);
        interrupt.Value.WriteTo(writer);
        writer.WritePropertyName("value"u8);
        interrupt.Value.WriteTo(writer);
        if (interrupt.ResponseSchema is { } schema)
        {
            writer.WritePropertyName("response_schema"u8);
            schema.WriteTo(writer);
        }

        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, IReadOnlyList<string> ids)
    {
        writer.WriteStartObject();
        V2Json.WriteTexts(writer, "interrupt_ids", ids);
        writer.WriteEndObject();
    }
}
