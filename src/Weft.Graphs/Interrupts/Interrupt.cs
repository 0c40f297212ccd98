using System.Text.Json;

namespace Weft.Graphs;

/// <summary>A question that a node asked the caller of the graph.</summary>
/// <param name="Id">32 hex digits; each question of a task has its own, the same each time the task runs.</param>
/// <param name="Value">The question.</param>
public sealed record Interrupt(string Id, JsonElement Value)
{
    /// <summary>The JSON Schema of the answer, of which a client can make a form; null if the node expects no type.</summary>
    public JsonElement? ResponseSchema { get; init; }

    /// <summary>The estimated size of the interrupts in memory, in bytes.</summary>
    internal static long EstimateBytes(IReadOnlyList<Interrupt>? interrupts) => interrupts?.Sum(
        interrupt => ValueSize.Of(interrupt.Value) + (interrupt.ResponseSchema is { } schema ? ValueSize.Of(schema) : 0)) ?? 0;

    /// <summary>Reads an interrupt that <see cref="WriteTo"/> wrote.</summary>
    internal static Interrupt Read(JsonElement json) => new(json.GetProperty("id"u8).GetString()!, json.GetProperty("value"u8))
    {
        ResponseSchema = json.TryGetProperty("response_schema"u8, out var schema) ? schema : null,
    };

    /// <summary>
    /// Writes the interrupt as <c>{"id":…,"value":…}</c>, with <c>response_schema</c> if it has one.
    /// </summary>
    public void WriteTo(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        writer.WriteString("id"u8, Id);
        writer.WritePropertyName("value"u8);
        Value.WriteTo(writer);
        if (ResponseSchema is { } schema)
        {
            writer.WritePropertyName("response_schema"u8);
            schema.WriteTo(writer);
        }

        writer.WriteEndObject();
    }

    internal static void WriteAll(Utf8JsonWriter writer, IEnumerable<Interrupt> interrupts)
    {
        writer.WriteStartArray();
        foreach (var interrupt in interrupts)
        {
            interrupt.WriteTo(writer);
        }

        writer.WriteEndArray();
    }
}
