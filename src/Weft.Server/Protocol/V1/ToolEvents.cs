using Weft.Graphs;

namespace Weft.Server;

/// <summary>Encodes events of tool calls (docs/protocol/streaming.md D8).</summary>
internal static class ToolEvents
{
    private static readonly Func<StreamItem, Envelope> MakeEnvelope = static part => Make((ToolPart)part);

    private static readonly byte[] End = [(byte)'}'];

    public static JsonPieces DataOf(ToolPart part)
    {
        var envelope = part.FormOf(MakeEnvelope);
        // The input is inside the envelope, because it is not the value but the text that the model wrote.
        return part.InputText is null
            ? new JsonPieces(envelope.Head, part.Value.Utf8, envelope.Tail)
            : new JsonPieces(envelope.Head, envelope.Tail, default);
    }

    private static Envelope Make(ToolPart part) => new(
        GraphJson.Encode(part, static (writer, part) =>
        {
            writer.WriteStartObject();
            writer.WriteString("event"u8, NameOf(part.Phase));
            if (part.CallId is { } id)
            {
                writer.WriteString("toolCallId"u8, id);
            }

            writer.WriteString("name"u8, part.Name);
            writer.WritePropertyName(MemberOf(part.Phase));
            if (part.InputText is { } input)
            {
                writer.WriteStringValue(input);
            }
        }),
        End);

    private static string NameOf(ToolPhase phase) => phase switch
    {
        ToolPhase.Started => "on_tool_start",
        ToolPhase.Progress => "on_tool_event",
        ToolPhase.Ended => "on_tool_end",
        _ => "on_tool_error",
    };

    private static string MemberOf(ToolPhase phase) => phase switch
    {
        ToolPhase.Started => "input",
        ToolPhase.Progress => "data",
        ToolPhase.Ended => "output",
        _ => "error",
    };
}
