using Weft.Graphs;

namespace Weft.Runs;

/// <summary>The data of events that belong to no stream mode (docs/protocol/streaming.md D2).</summary>
internal static class RunPayloads
{
    public static StreamPayload Metadata(RunId runId, ThreadId threadId, int attempt)
    {
        return StreamPayload.FromUtf8(GraphJson.Encode((runId, threadId, attempt), static (writer, s) =>
        {
            writer.WriteStartObject();
            writer.WriteString("run_id"u8, s.runId.Value);
            writer.WriteString("thread_id"u8, s.threadId.Value);
            writer.WriteNumber("attempt"u8, s.attempt);
            writer.WriteEndObject();
        }));
    }

    public static StreamPayload Error(string name, string message)
    {
        return StreamPayload.FromUtf8(GraphJson.Encode((name, message), static (writer, s) =>
        {
            writer.WriteStartObject();
            writer.WriteString("error"u8, s.name);
            writer.WriteString("name"u8, s.name);
            writer.WriteString("message"u8, s.message);
            writer.WriteEndObject();
        }));
    }

    public static StreamPayload End(RunId runId, RunStatus status)
    {
        return new LastPayload(status, null, GraphJson.Encode((runId, status), static (writer, s) =>
        {
            writer.WriteStartObject();
            writer.WriteString("run_id"u8, s.runId.Value);
            writer.WriteString("status"u8, s.status.ToWire());
            writer.WriteEndObject();
        }));
    }

    public static StreamPayload Cancel(CancelAction action)
    {
        var utf8 = action == CancelAction.Rollback
            ? """{"cancel_mode":"rollback","message":"The run was cancelled and what it did was undone."}"""u8
            : """{"cancel_mode":"interrupt"}"""u8;
        return new LastPayload(RunStatus.Interrupted, action, utf8.ToArray());
    }

    /// <summary>Reads the stored data of an event.</summary>
    public static StreamPayload Read(string name, ReadOnlyMemory<byte> utf8) => name switch
    {
        RunEvents.End => new LastPayload(
            Enum.GetValues<RunStatus>().First(status => Has(utf8, "status", status.ToWire())), null, utf8.ToArray()),
        RunEvents.Cancel => new LastPayload(
            RunStatus.Interrupted, Has(utf8, "cancel_mode", "rollback") ? CancelAction.Rollback : CancelAction.Interrupt, utf8.ToArray()),
        _ => StreamPayload.FromUtf8(utf8.ToArray()),
    };

    private static bool Has(ReadOnlyMemory<byte> utf8, string member, string value) =>
        GraphJson.Parse(utf8.Span).GetProperty(member).ValueEquals(value);
}
