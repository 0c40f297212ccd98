using System.Diagnostics;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Server;

/// <summary>Encodes the events of the run itself, which belong to no mode (docs/protocol/streaming.md D1 and D2).</summary>
internal static class RunEvents
{
    private static readonly Func<StreamItem, byte[]> MakeData = static part => part switch
    {
        RunStartedPart started => Encode(started),
        RunErrorPart error => Encode(error),
        RunEndPart end => Encode(end),
        _ => throw new UnreachableException(),
    };

    public static JsonPieces DataOf(StreamPart part) => new(part.FormOf(MakeData));

    private static byte[] Encode(RunStartedPart part) => GraphJson.Encode(part, static (writer, part) =>
    {
        writer.WriteStartObject();
        writer.WriteString("run_id"u8, part.RunId.Value);
        writer.WriteString("thread_id"u8, part.ThreadId.Value);
        writer.WriteNumber("attempt"u8, part.Attempt);
        writer.WriteEndObject();
    });

    private static byte[] Encode(RunErrorPart part) => GraphJson.Encode(part, static (writer, part) =>
    {
        writer.WriteStartObject();
        writer.WriteString("error"u8, part.Name);
        writer.WriteString("name"u8, part.Name);
        writer.WriteString("message"u8, part.Message);
        writer.WriteEndObject();
    });

    private static byte[] Encode(RunEndPart part) => GraphJson.Encode(part, static (writer, part) =>
    {
        writer.WriteStartObject();
        writer.WriteString("run_id"u8, part.RunId.Value);
        writer.WriteString("status"u8, StatusOf(part));
        writer.WriteEndObject();
    });

    private static string StatusOf(RunEndPart part) => part.Cancel switch
    {
        CancelAction.Rollback => "rollback",
        CancelAction.Interrupt => "interrupted",
        _ => part.Status.ToWire(),
    };
}
