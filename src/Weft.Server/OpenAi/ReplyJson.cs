using System.Text.Json;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Server;

/// <summary>Writes what both APIs show of a reply in the same form.</summary>
internal static class ReplyJson
{
    /// <summary>What is between the texts of two messages.</summary>
    public static byte[] Gap { get; } = [.. "\"\\n\\n\""u8];

    /// <summary>Writes the member <c>weft</c>: the ids of thread and run, and the questions that wait for answers.</summary>
    /// <param name="writer">The target.</param>
    /// <param name="run">The run.</param>
    /// <param name="isKept">Whether the thread is kept.</param>
    /// <param name="interrupts">The questions.</param>
    public static void WriteExtension(Utf8JsonWriter writer, RunRecord run, bool isKept, IEnumerable<Interrupt> interrupts)
    {
        writer.WriteStartObject("weft"u8);
        writer.WriteString("run_id"u8, run.RunId.Value);
        if (isKept)
        {
            writer.WriteString("thread_id"u8, run.ThreadId.Value);
        }

        writer.WriteStartArray("interrupts"u8);
        foreach (var interrupt in interrupts)
        {
            interrupt.WriteTo(writer);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
