using Weft.Graphs;

namespace Weft.Runs;

/// <summary>Encodes and decodes parts that only readers of a thread's events see, and the messages that parts share.</summary>
internal static class ThreadPartCodec
{
    /// <summary>Writes a part.</summary>
    public static void Write(FieldWriter writer, StreamPart part)
    {
        switch (part)
        {
            case StateCheckpointPart state:
                Write(writer, state.Checkpoint);
                break;
            case InputRequestedPart requested:
                writer.Interrupts([requested.Interrupt]);
                break;
            case InputAnsweredPart answered:
                writer.Texts(answered.InterruptIds);
                break;
            case MessageStartPart start:
                Write(writer, start.Message);
                writer.Text(start.Role);
                break;
            case MessageBlockPart block:
                Write(writer, block.Message);
                writer.Number((int)block.Phase);
                writer.Number(block.Index);
                writer.Json(block.Content);
                if (block.Data is { } data && writer.TryShare(data))
                {
                    writer.Json(data);
                }

                break;
            case MessageFinishPart finish:
                Write(writer, finish.Message);
                writer.Text(finish.Reason);
                writer.Json(finish.Usage);
                writer.Json(finish.Metadata);
                break;
            case MessageErrorPart error:
                Write(writer, error.Message);
                writer.Text(error.Text);
                break;
        }
    }

    /// <summary>Reads a part; null if its kind is not one of these.</summary>
    public static StreamPart? TryRead(string kind, FieldReader reader) => kind switch
    {
        PartKinds.StateCheckpoint => new StateCheckpointPart(ReadCheckpoint(reader)),
        PartKinds.InputRequested => new InputRequestedPart(reader.InterruptsOrNull()![0]),
        PartKinds.InputAnswered => new InputAnsweredPart(reader.Texts()),
        PartKinds.MessageStart => new MessageStartPart(ReadMessage(reader), reader.Text()),
        PartKinds.MessageBlock =>
            new MessageBlockPart(ReadMessage(reader), (MessageBlockPhase)reader.Int(), reader.Int(), reader.Json()),
        PartKinds.MessageData => new MessageBlockPart(
            ReadMessage(reader),
            (MessageBlockPhase)reader.Int(),
            reader.Int(),
            reader.Json(),
            reader.Shared(static reader => reader.Json())),
        PartKinds.MessageFinish =>
            new MessageFinishPart(ReadMessage(reader), reader.Text(), reader.JsonOrNull(), reader.JsonOrNull()),
        PartKinds.MessageError => new MessageErrorPart(ReadMessage(reader), reader.Text()),
        _ => null,
    };

    public static void Write(FieldWriter writer, StreamedMessage message)
    {
        if (!writer.TryShare(message))
        {
            return;
        }

        writer.SharedText(message.Id);
        writer.Flag(message.IsWhole);
        if (writer.TryShare(message.Source))
        {
            writer.Bytes(message.Source.Metadata.Span);
        }

        writer.Bytes(message.Before.Span);
        writer.Bytes(message.After.Span);
        writer.Number(message.BlockIndex);
    }

    public static StreamedMessage ReadMessage(FieldReader reader) =>
        reader.CanShare ? reader.Shared(ReadFields) : ReadEarlier(reader);

    /// <summary>Reads a piece of a message.</summary>
    public static MessageChunkPart ReadChunk(FieldReader reader)
    {
        var message = ReadMessage(reader);
        if (reader.CanShare)
        {
            return new MessageChunkPart(message, reader.Bytes());
        }

        var before = reader.Bytes();
        var own = reader.Bytes();
        return new MessageChunkPart(
            new StreamedMessage(message.Id, message.Source)
            {
                IsWhole = message.IsWhole,
                Before = before,
                After = reader.Bytes(),
                BlockIndex = reader.Int(),
            },
            own);
    }

    public static void Write(FieldWriter writer, CheckpointInfo checkpoint)
    {
        writer.Text(checkpoint.Id);
        writer.Text(checkpoint.ParentId);
        writer.Number(checkpoint.Step);
        writer.Number((int)checkpoint.Source);
        writer.Time(checkpoint.CreatedAt);
    }

    public static CheckpointInfo ReadCheckpoint(FieldReader reader) =>
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

    public static RunFailure? ReadFailure(FieldReader reader)
    {
        if (reader.TextOrNull() is not { } name)
        {
            return null;
        }

        var failure = new RunFailure(name, reader.Text());
        var (unknown, pending) = (reader.Texts(), reader.Texts());
        return unknown.Length == 0 ? failure : failure with { UnknownInterruptIds = unknown, PendingInterruptIds = pending };
    }

    private static StreamedMessage ReadFields(FieldReader reader)
    {
        var id = reader.SharedText();
        var isWhole = reader.Flag();
        return new StreamedMessage(id, reader.Shared(static reader => MessageSource.Of(reader.Bytes())))
        {
            IsWhole = isWhole,
            Before = reader.Bytes(),
            After = reader.Bytes(),
            BlockIndex = reader.Int(),
        };
    }

    /// <summary>Earlier versions wrote the rest of a message with each piece.</summary>
    private static StreamedMessage ReadEarlier(FieldReader reader)
    {
        var id = reader.Text();
        var isWhole = reader.Flag();
        return new StreamedMessage(id, MessageSource.Of(reader.Bytes())) { IsWhole = isWhole };
    }
}
