using System.Text.Json;

namespace Weft.Graphs;

/// <summary>Encodes outcomes of tasks as JSON, for storage.</summary>
internal static class OutcomeCodec
{
    public static void Write(Utf8JsonWriter writer, TaskOutcome outcome) => Write(writer, outcome, outcome.TaskId, static (_, _) => false);

    /// <summary>
    /// Writes the outcome as a part of a body, without the data that this body or the body of the checkpoint before
    /// already has.
    /// </summary>
    /// <param name="writer">Where to.</param>
    /// <param name="outcome">The outcome.</param>
    /// <param name="parent">The checkpoint from which the task started; null if that is not known.</param>
    /// <param name="index">The index of the outcome among those of the superstep.</param>
    /// <param name="findAppended">
    /// Finds the position of a write's items in the body, see <see cref="StateChannel.FindAppended"/>.
    /// </param>
    public static void WriteCompleted(
        Utf8JsonWriter writer,
        TaskOutcome outcome,
        StoredState? parent,
        int index,
        Func<ChannelWrite, (int Start, int Count)?> findAppended)
    {
        // It is not taken back any more, because the run also made the checkpoint.
        outcome = outcome.Before is null ? outcome : outcome with { Before = null };
        var isNth = parent is not null && index < parent.Checkpoint.Next.Count && outcome.TaskId == TaskIdAt(parent.Checkpoint, index);
        Write(writer, outcome, isNth ? null : outcome.TaskId, (writer, write) =>
        {
            if (parent?.Input is { } input
                && input.TryFind(write.Channel, out _, out var brought)
                && brought.SequenceEqual(GraphJson.Encode(write, static (writer, write) => write.WriteTo(writer))))
            {
                return true;
            }

            if (write.Overwrites || findAppended(write) is not { } appended)
            {
                return false;
            }

            writer.WriteNumberValue(appended.Start);
            writer.WriteNumberValue(appended.Count);
            return true;
        });
    }

    public static TaskOutcome Read(ChannelSchema schema, JsonElement json) =>
        Read(json, json.GetProperty("id"u8).GetString()!, write => ReadWrite(schema, write, default, null));

    /// <param name="schema">The channels.</param>
    /// <param name="json">The outcome.</param>
    /// <param name="channels">
    /// The entries of the channels in the body that the outcome is part of, which writes may refer to.
    /// </param>
    /// <param name="parent">The checkpoint from which the task started.</param>
    /// <param name="index">The index of the outcome among those of the superstep.</param>
    public static TaskOutcome ReadCompleted(ChannelSchema schema, JsonElement json, JsonElement channels, Checkpoint parent, int index) =>
        Read(
            json,
            json.TryGetProperty("id"u8, out var id) ? id.GetString()! : TaskIdAt(parent, index),
            write => ReadWrite(schema, write, channels, parent.Input));

    private static void Write(Utf8JsonWriter writer, TaskOutcome outcome, string? taskId, Func<Utf8JsonWriter, ChannelWrite, bool> tryRefer)
    {
        writer.WriteStartObject();
        if (taskId is not null)
        {
            writer.WriteString("id"u8, taskId);
        }

        if (outcome.Writes is { } writes)
        {
            WriteWrites(writer, writes, tryRefer);
        }

        if (outcome.Interrupts.Count > 0)
        {
            writer.WritePropertyName("i"u8);
            Interrupt.WriteAll(writer, outcome.Interrupts);
        }

        if (outcome.Resumes.Count > 0)
        {
            writer.WriteStartArray("r"u8);
            foreach (var resume in outcome.Resumes)
            {
                resume.WriteTo(writer);
            }

            writer.WriteEndArray();
        }

        WriteQuestions(writer, outcome.Questions);
        if (outcome.Answers.Count > 0)
        {
            writer.WriteStartObject("a"u8);
            foreach (var (id, answer) in outcome.Answers)
            {
                writer.WritePropertyName(id);
                answer.WriteTo(writer);
            }

            writer.WriteEndObject();
        }

        if (outcome.IsPaused)
        {
            writer.WriteBoolean("p"u8, true);
        }

        if (outcome.Return is { } returned)
        {
            writer.WritePropertyName("ret"u8);
            returned.WriteTo(writer);
        }

        if (outcome.ResumedBy is not null)
        {
            writer.WriteString("by"u8, outcome.ResumedBy);
        }

        if (outcome.Error is not null)
        {
            writer.WriteString("e"u8, outcome.Error);
        }

        if (outcome.Before is { } before)
        {
            writer.WritePropertyName("b"u8);
            Write(writer, before, null, tryRefer);
        }

        writer.WriteEndObject();
    }

    private static TaskOutcome Read(JsonElement json, string taskId, Func<JsonElement, ChannelWrite> readWrite) => new()
    {
        TaskId = taskId,
        Writes = json.TryGetProperty("w"u8, out var writes) ? ReadWrites(json, writes, readWrite) : null,
        Interrupts = json.TryGetProperty("i"u8, out var interrupts)
            ? [.. interrupts.EnumerateArray().Select(Interrupt.Read)]
            : [],
        Resumes = json.TryGetProperty("r"u8, out var resumes) ? [.. resumes.EnumerateArray()] : [],
        Questions = json.TryGetProperty("q"u8, out var questions) ? [.. questions.EnumerateArray().Select(ReadQuestion)] : [],
        Answers = json.TryGetProperty("a"u8, out var answers)
            ? answers.EnumerateObject().ToDictionary(answer => answer.Name, answer => answer.Value)
            : TaskOutcome.NoAnswers,
        IsPaused = json.TryGetProperty("p"u8, out _),
        Return = json.TryGetProperty("ret"u8, out var returned) ? returned : null,
        ResumedBy = json.TryGetProperty("by"u8, out var run) ? run.GetString() : null,
        Error = json.TryGetProperty("e"u8, out var error) ? error.GetString() : null,
        Before = json.TryGetProperty("b"u8, out var before) ? Read(before, taskId, readWrite) : null,
    };

    /// <summary>A question is written as its id, whether it has a key, and its answer if it has one.</summary>
    private static void WriteQuestions(Utf8JsonWriter writer, IReadOnlyList<TaskQuestion> questions)
    {
        if (questions.Count == 0)
        {
            return;
        }

        writer.WriteStartArray("q"u8);
        foreach (var question in questions)
        {
            writer.WriteStartArray();
            writer.WriteStringValue(question.Id);
            writer.WriteBooleanValue(question.HasKey);
            question.Answer?.WriteTo(writer);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
    }

    private static TaskQuestion ReadQuestion(JsonElement json) =>
        new(json[0].GetString()!, json[1].GetBoolean(), json.GetArrayLength() > 2 ? json[2] : null);

    private static void WriteWrites(Utf8JsonWriter writer, TaskWrites writes, Func<Utf8JsonWriter, ChannelWrite, bool> tryRefer)
    {
        writer.WriteStartArray("w"u8);
        foreach (var write in writes.Channels)
        {
            if (!write.Channel.IsTracked)
            {
                continue;
            }

            writer.WriteStartArray();
            writer.WriteStringValue(write.Channel.Name);
            if (!tryRefer(writer, write))
            {
                write.WriteTo(writer);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndArray();
        if (writes.IsNull)
        {
            writer.WriteBoolean("n"u8, true);
        }

        if (writes.Routes.Count == 0)
        {
            return;
        }

        writer.WriteStartArray("g"u8);
        foreach (var route in writes.Routes)
        {
            writer.WriteStartArray();
            writer.WriteStringValue(route.Node);
            route.Send?.Input.WriteTo(writer);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
    }

    private static TaskWrites ReadWrites(JsonElement json, JsonElement writes, Func<JsonElement, ChannelWrite> readWrite) => new(
        [.. writes.EnumerateArray().Select(readWrite).Where(write => write.Channel is not null)],
        json.TryGetProperty("g"u8, out var routes) ? [.. routes.EnumerateArray().Select(ReadDestination)] : [],
        json.TryGetProperty("n"u8, out _));

    /// <summary>
    /// A pair of channel and write; or only the channel, if the write is equal to that of the input; or the position of
    /// the write's items among those that the channel's entry appends.
    /// </summary>
    private static ChannelWrite ReadWrite(ChannelSchema schema, JsonElement json, JsonElement channels, StateUpdate? input)
    {
        if (!schema.TryFind(json[0].GetString()!, out var channel))
        {
            return default;
        }

        switch (json.GetArrayLength())
        {
            case 1:
                return input?.Writes.FirstOrDefault(write => write.Channel == channel) ?? default;
            case 2:
                return ChannelWrite.Read(channel, json[1]);
        }

        var appended = channels.GetProperty(channel.Name)
            .GetProperty("d"u8)
            .GetProperty("a"u8)
            .EnumerateArray()
            .Skip(json[1].GetInt32())
            .Take(json[2].GetInt32());
        return new ChannelWrite(channel, channel.ReadWrite(GraphJson.Parse(GraphJson.Encode(appended, static (writer, items) =>
        {
            writer.WriteStartArray();
            foreach (var item in items)
            {
                item.WriteTo(writer);
            }

            writer.WriteEndArray();
        }))));
    }

    private static Destination ReadDestination(JsonElement json) =>
        json.GetArrayLength() == 1 ? json[0].GetString()! : new Send(json[0].GetString()!, json[1]);

    private static string TaskIdAt(Checkpoint parent, int index) =>
        TaskIds.ForTask(parent.Id, parent.Namespace, parent.Step + 1, parent.Next[index], index);
}
