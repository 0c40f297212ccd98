using Weft.Graphs;

namespace Weft.Runs;

/// <summary>Encodes and decodes parts that only readers of a thread's events see, and the messages that parts share.</summary>
internal static class ThreadPartCodec
{
    /// <summary>Writes a part. Returns its kind; null if it is not one of these parts.</summary>
    public static string? TryWrite(FieldWriter writer, StreamPart part)
    {
        switch (part)
        {
            case StateCheckpointPart state:
                Write(writer, state.Checkpoint);
                return PartKinds.StateCheckpoint;
            case InputRequestedPart requested:
                writer.Interrupts([requested.Interrupt]);
                return PartKinds.InputRequested;
            case InputAnsweredPart answered:
                writer.Texts(answered.InterruptIds);
                return PartKinds.InputAnswered;
            case MessageStartPart start:
                Write(writer, start.Message);
                writer.Text(start.Role);
                return PartKinds.MessageStart;
            case MessageBlockPart block:
                Write(writer, block.Message);
                writer.Number((int)block.Phase);
                writer.Number(block.Index);
                writer.Json(block.Content);
                return PartKinds.MessageBlock;
            case MessageFinishPart finish:
                Write(writer, finish.Message);
                writer.Text(finish.Reason);
                writer.Json(finish.Usage);
                writer.Json(finish.Metadata);
                return PartKinds.MessageFinish;
            case MessageErrorPart error:
                Write(writer, error.Message);
                writer.Text(error.Text);
                return PartKinds.MessageError;
            default:
                return null;
        }
    }

    /// <summary>Reads a part; null if its kind is not one of these.</summary>
    public static StreamPart? TryRead(string kind, ref FieldReader reader) => kind switch
    {
        PartKinds.StateCheckpoint => new StateCheckpointPart(ReadCheckpoint(ref reader)),
        PartKinds.InputRequested => new InputRequestedPart(reader.InterruptsOrNull()![0]),
        PartKinds.InputAnswered => new InputAnsweredPart(reader.Texts()),
        PartKinds.MessageStart => new MessageStartPart(ReadMessage(ref reader), reader.Text()),
        PartKinds.MessageBlock =>
            new MessageBlockPart(ReadMessage(ref reader), (MessageBlockPhase)reader.Int(), reader.Int(), reader.Json()),
        PartKinds.MessageFinish =>
            new MessageFinishPart(ReadMessage(ref reader), reader.Text(), reader.JsonOrNull(), reader.JsonOrNull()),
        PartKinds.MessageError => new MessageErrorPart(ReadMessage(ref reader), reader.Text()),
        _ => null,
    };

    public static void Write(FieldWriter writer, StreamedMessage message)
    {
        writer.Text(message.Id);
        writer.Flag(message.IsWhole);
        writer.Bytes(message.Source.Metadata.Span);
    }

    public static StreamedMessage ReadMessage(ref FieldReader reader)
    {
        var id = reader.Text();
        var isWhole = reader.Flag();
        return new StreamedMessage(id, MessageSource.Of(reader.Bytes())) { IsWhole = isWhole };
    }

    public static void Write(FieldWriter writer, CheckpointInfo checkpoint)
    {
        writer.Text(checkpoint.Id);
        writer.Text(checkpoint.ParentId);
        writer.Number(checkpoint.Step);
        writer.Number((int)checkpoint.Source);
        writer.Time(checkpoint.CreatedAt);
    }

    public static CheckpointInfo ReadCheckpoint(ref FieldReader reader) =>
        new(reader.Text(), reader.TextOrNull(), reader.Int(), (CheckpointSource)reader.Int(), reader.Time());

    public static void WriteFailure(FieldWriter writer, RunFailure? failure)
    {
        writer.Text(failure?.Name);
        if (failure is not null)
        {
            writer.Text(failure.Message);
            writer.Texts(failure.UnknownInterruptIds ?? []);
            writer.Texts(failure.PendingInterruptIds ?? []);
        }
    }

    public static RunFailure? ReadFailure(ref FieldReader reader)
    {
        if (reader.TextOrNull() is not { } name)
        {
            return null;
        }

        var failure = new RunFailure(name, reader.Text());
        var (unknown, pending) = (reader.Texts(), reader.Texts());
        return unknown.Length == 0 ? failure : failure with { UnknownInterruptIds = unknown, PendingInterruptIds = pending };
    }
}
