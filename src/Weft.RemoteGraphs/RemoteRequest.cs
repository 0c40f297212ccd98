using System.Text.Json;
using Weft.Graphs;

namespace Weft.RemoteGraphs;

/// <summary>Writes the requests for runs of one task.</summary>
internal sealed class RemoteRequest(NodeContext context, string assistantId, RemoteGraphOptions options)
{
    /// <summary>The member of a run's metadata that names the task for which it was created.</summary>
    public const string TaskMember = "weft_task";

    /// <summary>A run with the input of the node.</summary>
    public byte[] Begin(IReadOnlyList<string> modes) => Write(modes, writer =>
    {
        writer.WritePropertyName("input"u8);
        if (options.Input is { } make)
        {
            make(context).WriteTo(writer);
        }
        else
        {
            context.WriteInput(writer);
        }
    });

    /// <summary>A run that continues the graph where an earlier one failed.</summary>
    public byte[] Continue(IReadOnlyList<string> modes) => Write(modes, static writer => writer.WriteNull("input"u8));

    /// <summary>A run that answers questions.</summary>
    public byte[] Answer(IReadOnlyList<string> modes, IReadOnlyList<(RemoteInterrupt Question, JsonElement Answer)> answers) =>
        Write(modes, writer =>
        {
            writer.WriteStartObject("command"u8);
            writer.WritePropertyName("resume"u8);
            if (answers.All(answer => answer.Question.IsNamed))
            {
                writer.WriteStartObject();
                foreach (var (question, answer) in answers)
                {
                    writer.WritePropertyName(question.Id!);
                    answer.WriteTo(writer);
                }

                writer.WriteEndObject();
            }
            else
            {
                answers[0].Answer.WriteTo(writer);
            }

            writer.WriteEndObject();
        });

    private byte[] Write(IReadOnlyList<string> modes, Action<Utf8JsonWriter> writeInput) => GraphJson.Encode(
        (Request: this, modes, writeInput), static (writer, s) => s.Request.Write(writer, s.modes, s.writeInput));

    private void Write(Utf8JsonWriter writer, IReadOnlyList<string> modes, Action<Utf8JsonWriter> writeInput)
    {
        writer.WriteStartObject();
        writer.WriteString("assistant_id"u8, assistantId);
        writeInput(writer);
        WriteOptional(writer, "config", options.Config?.Invoke(context));
        WriteOptional(writer, "context", options.Context?.Invoke(context));
        writer.WriteStartObject("metadata"u8);
        writer.WriteString(TaskMember, context.TaskId);
        writer.WriteString("parent_thread_id"u8, context.ThreadId);
        writer.WriteEndObject();
        writer.WriteStartArray("stream_mode"u8);
        foreach (var mode in modes)
        {
            writer.WriteStringValue(mode);
        }

        writer.WriteEndArray();
        writer.WriteBoolean("stream_subgraphs"u8, true);
        writer.WriteBoolean("stream_resumable"u8, true);
        writer.WriteString("on_disconnect"u8, "continue"u8);
        writer.WriteString("multitask_strategy"u8, "enqueue"u8);
        writer.WriteString("if_not_exists"u8, "create"u8);
        writer.WriteEndObject();
    }

    private static void WriteOptional(Utf8JsonWriter writer, string name, JsonElement? value)
    {
        if (value is { } given)
        {
            writer.WritePropertyName(name);
            given.WriteTo(writer);
        }
    }
}
