using System.Text;
using Weft.Graphs;

namespace Weft.Server;

/// <summary>Encodes what nodes write to the stream themselves, and the life of tool calls.</summary>
internal static class V2Outputs
{
    private static readonly Func<StreamItem, byte[]> CustomHead = static part => HeadOf((CustomPart)part);
    private static readonly Func<StreamItem, byte[]> ToolHead = static part => HeadOf((ToolPart)part);

    private static readonly Func<StreamItem, byte[]> ToolNode = static part => V2Json.BeforeData(((ToolPart)part).Node!);

    private static readonly byte[] UnnamedHead = [.. "{\"payload\":"u8];
    private static readonly byte[] End = [(byte)'}'];

    public static V2Event Of(CustomPart part) => new(
        V2Methods.Custom,
        new JsonPieces(part.Channel is null ? UnnamedHead : part.FormOf(CustomHead), part.Value.Utf8, End));

    public static V2Event Of(ToolPart part) => new(
        V2Methods.Tools,
        new JsonPieces(part.FormOf(ToolHead), ValueOf(part), End),
        part.Node is null ? null : part.FormOf(ToolNode));

    private static byte[] HeadOf(CustomPart part) => GraphJson.Encode(part.Channel!, static (writer, name) =>
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, name);
        writer.WritePropertyName("payload"u8);
    });

    private static byte[] HeadOf(ToolPart part) => GraphJson.Encode(part, static (writer, part) =>
    {
        writer.WriteStartObject();
        writer.WriteString("event"u8, EventOf(part.Phase));
        writer.WriteString("tool_call_id"u8, part.CallId ?? "");
        if (part.Phase == ToolPhase.Started)
        {
            writer.WriteString("tool_name"u8, part.Name);
        }

        writer.WritePropertyName(MemberOf(part.Phase));
    });

    /// <summary>The progress of a tool is text in this protocol, so another value is shown as the text of its JSON.</summary>
    private static ReadOnlyMemory<byte> ValueOf(ToolPart part)
    {
        var value = part.Value.Utf8;
        return part.Phase != ToolPhase.Progress || value.Span[0] == '"'
            ? value
            : GraphJson.Encode(Encoding.UTF8.GetString(value.Span), static (writer, text) => writer.WriteStringValue(text));
    }

    private static ReadOnlySpan<byte> EventOf(ToolPhase phase) => phase switch
    {
        ToolPhase.Started => "tool-started"u8,
        ToolPhase.Progress => "tool-output-delta"u8,
        ToolPhase.Ended => "tool-finished"u8,
        _ => "tool-error"u8,
    };

    private static ReadOnlySpan<byte> MemberOf(ToolPhase phase) => phase switch
    {
        ToolPhase.Started => "input"u8,
        ToolPhase.Progress => "delta"u8,
        ToolPhase.Ended => "output"u8,
        _ => "message"u8,
    };
}
