using Weft.Graphs;

namespace Weft.Runs;

/// <summary>The data of events that belong to no stream mode (protocol, section D2).</summary>
internal static class RunPayloads
{
    public static StreamPayload Metadata(RunId runId, ThreadId threadId, int attempt) => StreamPayload.FromUtf8(GraphJson.Encode((runId, threadId, attempt), static (writer, s) =>
    {
        writer.WriteStartObject();
        writer.WriteString("run_id"u8, s.runId.Value);
        writer.WriteString("thread_id"u8, s.threadId.Value);
        writer.WriteNumber("attempt"u8, s.attempt);
        writer.WriteEndObject();
    }));

    public static StreamPayload Error(string name, string message) => StreamPayload.FromUtf8(GraphJson.Encode((name, message), static (writer, s) =>
    {
        writer.WriteStartObject();
        writer.WriteString("error"u8, s.name);
        writer.WriteString("name"u8, s.name);
        writer.WriteString("message"u8, s.message);
        writer.WriteEndObject();
    }));

    public static StreamPayload End(RunId runId, RunStatus status) => StreamPayload.FromUtf8(GraphJson.Encode((runId, status), static (writer, s) =>
    {
        writer.WriteStartObject();
        writer.WriteString("run_id"u8, s.runId.Value);
        writer.WriteString("status"u8, s.status.ToWire());
        writer.WriteEndObject();
    }));

    public static StreamPayload Cancel(CancelAction action) => StreamPayload.FromUtf8(action == CancelAction.Rollback
        ? """{"cancel_mode":"rollback","message":"The run was cancelled and what it did was undone."}"""u8.ToArray()
        : """{"cancel_mode":"interrupt"}"""u8.ToArray());
}
