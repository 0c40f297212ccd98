using System.Text.Json;

namespace Weft.Graphs;

/// <summary>A question that a node asked the caller of the graph.</summary>
/// <param name="Id">32 hex digits; each question of a task has its own, the same each time the task runs.</param>
/// <param name="Value">The question.</param>
public sealed record Interrupt(string Id, JsonElement Value)
{
    /// <summary>The estimated size of the interrupts in memory, in bytes.</summary>
    internal static long EstimateBytes(IReadOnlyList<Interrupt>? interrupts) =>
        interrupts?.Sum(interrupt => ValueSize.Of(interrupt.Value)) ?? 0;

    /// <summary>Writes the interrupt as <c>{"id":…,"value":…}</c>.</summary>
    public void WriteTo(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        writer.WriteString("id"u8, Id);
        writer.WritePropertyName("value"u8);
        Value.WriteTo(writer);
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
