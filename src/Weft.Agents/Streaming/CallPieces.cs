using System.Text.Json;
using Microsoft.Extensions.AI;
using Weft.Graphs;

namespace Weft.Agents;

/// <summary>
/// Divides tool calls that arrived whole into the pieces in which providers stream them: a piece with the name and no
/// arguments, then the arguments. Some readers of the stream mode <c>events</c>, such as the AG-UI adapter, follow one
/// text or call at a time. To them the piece with the name is the beginning, and they ignore its arguments. An empty
/// piece before it ends the text or call that they followed until then.
/// </summary>
internal static class CallPieces
{
    /// <summary>Returns the pieces.</summary>
    /// <param name="id">The message.</param>
    /// <param name="isBlocks">Whether the content of the message is a list of blocks.</param>
    /// <param name="calls">The calls.</param>
    /// <param name="firstIndex">The index of the first call in its message.</param>
    public static IEnumerable<byte[]> Of(string id, bool isBlocks, IReadOnlyList<FunctionCallContent> calls, int firstIndex)
    {
        for (var i = 0; i < calls.Count; i++)
        {
            var index = firstIndex + i;
            yield return Encode(id, isBlocks, null, index, null);
            yield return Encode(id, isBlocks, calls[i], index, "");
            yield return Encode(id, isBlocks, calls[i], index, ArgsOf(calls[i]));
        }
    }

    /// <summary>
    /// Returns the text of the arguments. Clients make the calls of a message from these texts, so arguments that were not JSON
    /// must not become valid ones.
    /// </summary>
    public static string ArgsOf(FunctionCallContent call) =>
        call is { Exception: not null, Arguments: null } ? "null" : ToolArguments.ToText(call.Arguments);

    /// <summary>
    /// Writes a call of <c>tool_call_chunks</c>. With a name it begins the call; without a name it continues the call's
    /// arguments.
    /// </summary>
    public static void WriteCall(Utf8JsonWriter writer, string? name, string args, string? id, int index)
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, name);
        writer.WriteString("args"u8, args);
        writer.WriteString("id"u8, id);
        writer.WriteNumber("index"u8, index);
        writer.WriteString("type"u8, "tool_call_chunk"u8);
        writer.WriteEndObject();
    }

    private static byte[] Encode(string id, bool isBlocks, FunctionCallContent? call, int index, string? args) =>
        GraphJson.Encode((id, isBlocks, call, index, args), static (writer, s) =>
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, "AIMessageChunk"u8);
            writer.WriteString("id"u8, s.id);
            writer.WritePropertyName("content"u8);
            writer.WriteRawValue(s.isBlocks ? "[]"u8 : "\"\""u8);
            writer.WritePropertyName("additional_kwargs"u8);
            writer.WriteRawValue("{}"u8);
            writer.WritePropertyName("response_metadata"u8);
            writer.WriteRawValue("{}"u8);
            var begins = s.args is "";
            ToolArguments.WriteCalls(writer, begins ? [new FunctionCallContent(s.call!.CallId, s.call.Name)] : [], evenIfEmpty: true);
            writer.WriteStartArray("tool_call_chunks"u8);
            if (s.call is not null)
            {
                WriteCall(writer, begins ? s.call.Name : null, s.args!, begins ? s.call.CallId : null, s.index);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        });
}
