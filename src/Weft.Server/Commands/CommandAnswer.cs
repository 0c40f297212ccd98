using System.Text.Json;
using Weft.Runs;

namespace Weft.Server;

/// <summary>The answer to a command (docs/protocol/v2.md 2).</summary>
internal sealed record CommandAnswer
{
    /// <summary>The command; null if it could not be read.</summary>
    public required ulong? Id { get; init; }

    /// <summary>The thread; null if the command could not be read.</summary>
    public ThreadId? ThreadId { get; init; }

    /// <summary>The number of the last event of the thread before the command took effect.</summary>
    public long AppliedThroughSeq { get; init; }

    /// <summary>Why the command was refused; null if it was executed.</summary>
    public CommandException? Error { get; init; }

    /// <summary>Writes the members of the result; null if it has none.</summary>
    public Action<Utf8JsonWriter>? WriteResult { get; init; }

    /// <summary>Writes the answer as a JSON object.</summary>
    public static void Write(Utf8JsonWriter writer, CommandAnswer answer)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, answer.Error is null ? "success"u8 : "error"u8);
        if (answer.Id is { } id)
        {
            writer.WriteNumber("id"u8, id);
        }
        else
        {
            writer.WriteNull("id"u8);
        }

        if (answer.Error is { } error)
        {
            writer.WriteString("error"u8, error.Code);
            writer.WriteString("message"u8, error.Message);
        }
        else
        {
            writer.WriteStartObject("result"u8);
            answer.WriteResult?.Invoke(writer);
            writer.WriteEndObject();
        }

        if (answer.ThreadId is { } threadId)
        {
            writer.WriteStartObject("meta"u8);
            writer.WriteString("thread_id"u8, threadId.Value);
            writer.WriteNumber("applied_through_seq"u8, answer.AppliedThroughSeq);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }
}
