using System.Globalization;
using System.Text.Json;
using Weft.Runs;

namespace Weft.Server;

/// <summary>A version of A2A: how it names methods, states and roles, and the shapes of parts and events (docs/protocol/a2a.md 2).</summary>
internal sealed class A2aDialect
{
    private A2aDialect(string version, Dictionary<string, A2aMethod> methods)
    {
        Version = version;
        Methods = methods;
    }

    /// <summary>Version 1.0.</summary>
    public static A2aDialect V1 { get; } = new("1.0", new()
    {
        ["SendMessage"] = A2aMethod.Send,
        ["SendStreamingMessage"] = A2aMethod.Stream,
        ["GetTask"] = A2aMethod.Get,
        ["ListTasks"] = A2aMethod.List,
        ["CancelTask"] = A2aMethod.Cancel,
        ["SubscribeToTask"] = A2aMethod.Subscribe,
        ["GetExtendedAgentCard"] = A2aMethod.ExtendedCard,
        ["CreateTaskPushNotificationConfig"] = A2aMethod.Push,
        ["GetTaskPushNotificationConfig"] = A2aMethod.Push,
        ["ListTaskPushNotificationConfigs"] = A2aMethod.Push,
        ["DeleteTaskPushNotificationConfig"] = A2aMethod.Push,
    });

    /// <summary>Version 0.3.</summary>
    public static A2aDialect V03 { get; } = new("0.3", new()
    {
        ["message/send"] = A2aMethod.Send,
        ["message/stream"] = A2aMethod.Stream,
        ["tasks/get"] = A2aMethod.Get,
        ["tasks/cancel"] = A2aMethod.Cancel,
        ["tasks/resubscribe"] = A2aMethod.Subscribe,
        ["agent/getAuthenticatedExtendedCard"] = A2aMethod.ExtendedCard,
        ["tasks/pushNotificationConfig/set"] = A2aMethod.Push,
        ["tasks/pushNotificationConfig/get"] = A2aMethod.Push,
        ["tasks/pushNotificationConfig/list"] = A2aMethod.Push,
        ["tasks/pushNotificationConfig/delete"] = A2aMethod.Push,
    });

    public string Version { get; }

    private Dictionary<string, A2aMethod> Methods { get; }

    private bool IsV1 => this == V1;

    /// <summary>Returns the dialect that has the method; null if none does.</summary>
    public static (A2aDialect Dialect, A2aMethod Method)? Find(string method) =>
        V1.Methods.TryGetValue(method, out var found) ? (V1, found)
        : V03.Methods.TryGetValue(method, out found) ? (V03, found)
        : null;

    /// <summary>Returns the state with this name; null if there is none.</summary>
    public A2aState? StateOf(string name) => Enum.GetValues<A2aState>().Where(state => NameOf(state) == name).Cast<A2aState?>().FirstOrDefault();

    /// <summary>Writes the answer to a message: version 1.0 says of what kind it is by the name of a member.</summary>
    public void WriteAnswer(Utf8JsonWriter writer, A2aTask task)
    {
        if (IsV1)
        {
            writer.WriteStartObject();
            writer.WritePropertyName("task"u8);
            WriteTask(writer, task);
            writer.WriteEndObject();
        }
        else
        {
            WriteTask(writer, task);
        }
    }

    public void WriteTask(Utf8JsonWriter writer, A2aTask task)
    {
        writer.WriteStartObject();
        WriteKind(writer, "task"u8);
        writer.WriteString("id"u8, task.Id);
        writer.WriteString("contextId"u8, task.ContextId.Value);
        WriteStatus(writer, task);
        if (task.Artifacts is { } artifacts)
        {
            writer.WriteStartArray("artifacts"u8);
            foreach (var artifact in artifacts)
            {
                WriteArtifact(writer, artifact);
            }

            writer.WriteEndArray();
        }

        if (task.History is { Count: > 0 } history)
        {
            writer.WriteStartArray("history"u8);
            foreach (var message in history)
            {
                WriteMessage(writer, task, message);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    /// <summary>Writes the event of a new status. It is the last event of a stream if the run has ended.</summary>
    public void WriteStatusUpdate(Utf8JsonWriter writer, A2aTask task)
    {
        BeginEvent(writer, "statusUpdate"u8, "status-update"u8, task);
        WriteStatus(writer, task);
        if (!IsV1)
        {
            writer.WriteBoolean("final"u8, task.State is not (A2aState.Submitted or A2aState.Working));
        }

        EndEvent(writer);
    }

    /// <summary>Writes the event of a new artifact, or of more of one.</summary>
    public void WriteArtifactUpdate(Utf8JsonWriter writer, A2aTask task, A2aArtifact artifact, bool append, bool isLast)
    {
        BeginEvent(writer, "artifactUpdate"u8, "artifact-update"u8, task);
        writer.WritePropertyName("artifact"u8);
        WriteArtifact(writer, artifact);
        writer.WriteBoolean("append"u8, append);
        writer.WriteBoolean("lastChunk"u8, isLast);
        EndEvent(writer);
    }

    private void BeginEvent(Utf8JsonWriter writer, ReadOnlySpan<byte> member, ReadOnlySpan<byte> kind, A2aTask task)
    {
        writer.WriteStartObject();
        if (IsV1)
        {
            writer.WriteStartObject(member);
        }
        else
        {
            writer.WriteString("kind"u8, kind);
        }

        writer.WriteString("taskId"u8, task.Id);
        writer.WriteString("contextId"u8, task.ContextId.Value);
    }

    private void EndEvent(Utf8JsonWriter writer)
    {
        writer.WriteEndObject();
        if (IsV1)
        {
            writer.WriteEndObject();
        }
    }

    private void WriteStatus(Utf8JsonWriter writer, A2aTask task)
    {
        writer.WriteStartObject("status"u8);
        writer.WriteString("state"u8, NameOf(task.State));
        writer.WriteString("timestamp"u8, task.ChangedAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
        if (task.StatusParts.Count > 0)
        {
            writer.WritePropertyName("message"u8);
            WriteMessage(writer, task, new A2aHistoryMessage($"{task.Id}-status", IsUser: false, task.StatusParts));
        }

        writer.WriteEndObject();
    }

    private void WriteMessage(Utf8JsonWriter writer, A2aTask task, A2aHistoryMessage message)
    {
        writer.WriteStartObject();
        WriteKind(writer, "message"u8);
        writer.WriteString("messageId"u8, message.Id);
        writer.WriteString("contextId"u8, task.ContextId.Value);
        writer.WriteString("taskId"u8, task.Id);
        writer.WriteString("role"u8, (IsV1, message.IsUser) switch
        {
            (true, true) => "ROLE_USER"u8,
            (true, false) => "ROLE_AGENT"u8,
            (false, true) => "user"u8,
            (false, false) => "agent"u8,
        });
        WriteParts(writer, message.Parts);
        writer.WriteEndObject();
    }

    private void WriteArtifact(Utf8JsonWriter writer, A2aArtifact artifact)
    {
        writer.WriteStartObject();
        writer.WriteString("artifactId"u8, artifact.Id);
        writer.WriteString("name"u8, artifact.Name);
        WriteParts(writer, artifact.Parts);
        writer.WriteEndObject();
    }

    private void WriteParts(Utf8JsonWriter writer, IReadOnlyList<A2aPart> parts)
    {
        writer.WriteStartArray("parts"u8);
        foreach (var part in parts)
        {
            part.WriteTo(writer, IsV1);
        }

        writer.WriteEndArray();
    }

    /// <summary>Version 0.3 says of what kind an object is; version 1.0 does not need it.</summary>
    private void WriteKind(Utf8JsonWriter writer, ReadOnlySpan<byte> kind)
    {
        if (!IsV1)
        {
            writer.WriteString("kind"u8, kind);
        }
    }

    private string NameOf(A2aState state) => (IsV1, state) switch
    {
        (true, A2aState.Submitted) => "TASK_STATE_SUBMITTED",
        (true, A2aState.Working) => "TASK_STATE_WORKING",
        (true, A2aState.InputRequired) => "TASK_STATE_INPUT_REQUIRED",
        (true, A2aState.Completed) => "TASK_STATE_COMPLETED",
        (true, A2aState.Failed) => "TASK_STATE_FAILED",
        (true, _) => "TASK_STATE_CANCELED",
        (_, A2aState.Submitted) => "submitted",
        (_, A2aState.Working) => "working",
        (_, A2aState.InputRequired) => "input-required",
        (_, A2aState.Completed) => "completed",
        (_, A2aState.Failed) => "failed",
        _ => "canceled",
    };
}
