using Weft.Graphs;

namespace Weft.Runs;

/// <summary>
/// Writes parts in a form that belongs to no protocol. <see cref="PartDecoder"/> reads it.
/// </summary>
/// <param name="writer">What the parts are written to.</param>
/// <param name="values">Writes values as differences; null means that values are written whole, in the form of earlier versions.</param>
internal sealed class PartEncoder(FieldWriter writer, ValueEncoder? values)
{
    /// <summary>Writes a part, whose values are valid JSON.</summary>
    public void Write(StreamPart part)
    {
        var kind = PartKinds.Of(part);
        writer.SharedText(kind);
        if (values is null && PartKinds.HasState(kind))
        {
            // The state is not a difference to that of a checkpoint.
            writer.SharedText(null);
        }

        writer.SharedText(part.Namespace);
        WriteFields(part);
    }

    private void Write(LazyJson? value, bool mayNeedBase = false)
    {
        if (values is null)
        {
            writer.Json(value);
        }
        else
        {
            values.Write(writer, value, mayNeedBase);
        }
    }

    /// <summary>Writes a state, or something with a list of messages. It may refer to a checkpoint.</summary>
    private void WriteState(LazyJson? value) => Write(value, mayNeedBase: true);

    private void Write(ValuesPart part)
    {
        writer.Interrupts(part.Interrupts);
        writer.Flag(part.Checkpoint is not null);
        if (part.Checkpoint is { } checkpoint)
        {
            ThreadPartCodec.Write(writer, checkpoint);
        }

        WriteState(part.State);
    }

    private void WriteFields(StreamPart part)
    {
        switch (part)
        {
            case ValuesPart values:
                Write(values);
                break;
            case UpdatePart update:
                Write(update.Node, update.Writes, update.IsCached);
                break;
            case StepPart step:
                Write(step.Name, step.Result, step.IsCached);
                break;
            case InterruptsPart pause:
                writer.Interrupts(pause.Interrupts);
                break;
            case CheckpointPart or TaskStartPart or TaskResultPart or DebugPart:
                WriteTask(part);
                break;
            case MessageChunkPart or MessageMetadataPart or PartialMessagePart or CompleteMessagesPart:
                WriteMessage(part);
                break;
            case CustomPart custom:
                writer.SharedText(custom.Channel);
                Write(custom.Value);
                break;
            case ToolPart tool:
                writer.Number((int)tool.Phase);
                writer.Text(tool.CallId);
                writer.Text(tool.Name);
                Write(tool.Value);
                writer.Text(tool.InputText);
                if (tool.Node is { } node)
                {
                    writer.SharedText(node);
                }

                break;
            case EventPart told:
                Write(told);
                break;
            default:
                WriteRun(part);
                break;
        }
    }

    private void Write(string name, LazyJson value, bool isCached)
    {
        writer.Text(name);
        Write(value);
        writer.Flag(isCached);
    }

    private void WriteTask(StreamPart part)
    {
        switch (part)
        {
            case CheckpointPart checkpoint:
                Write(checkpoint);
                break;
            case TaskStartPart start:
                writer.Text(start.Id);
                writer.Text(start.Node);
                WriteState(start.Input);
                writer.Texts(start.Triggers);
                break;
            case TaskResultPart result:
                writer.Text(result.Id);
                writer.Text(result.Node);
                writer.Text(result.Error);
                Write(result.Result);
                writer.Interrupts(result.Interrupts);
                break;
            case DebugPart debug:
                writer.Text(debug.Type);
                writer.Number(debug.Step);
                writer.Time(debug.Time);
                WriteTask(debug.Part);
                break;
        }
    }

    private void Write(CheckpointPart part)
    {
        writer.Text(part.ThreadId);
        writer.Text(part.CheckpointNamespace);
        ThreadPartCodec.Write(writer, part.Info);
        writer.Number(part.Parents.Count);
        foreach (var (checkpointNamespace, id) in part.Parents)
        {
            writer.Text(checkpointNamespace);
            writer.Text(id);
        }

        WriteState(part.State);
        WriteState(part.Metadata);
        WriteState(part.Next);
        WriteState(part.Tasks);
    }

    private void WriteMessage(StreamPart part)
    {
        switch (part)
        {
            case MessageChunkPart chunk:
                ThreadPartCodec.Write(writer, chunk.Message);
                writer.Bytes(chunk.Own.Span);
                break;
            case MessageMetadataPart metadata:
                ThreadPartCodec.Write(writer, metadata.Message);
                break;
            case PartialMessagePart partial:
                writer.Bytes(partial.Head.Span);
                Write(partial.Content);
                writer.Bytes(partial.Tail.Span);
                break;
            case CompleteMessagesPart complete:
                WriteState(complete.Messages);
                break;
        }
    }

    private void Write(ReadOnlyMemory<byte> value)
    {
        if (values is null)
        {
            writer.Bytes(value.Span);
        }
        else
        {
            values.Write(writer, value);
        }
    }

    private void Write(EventPart part)
    {
        if (writer.TryShare(part.Source))
        {
            WriteFields(part.Source);
        }

        writer.Number((int)part.Phase);
        WriteState(part.Value);
        WriteState(part.Input);
    }

    private void WriteFields(EventSource source)
    {
        writer.Number((int)source.Kind);
        writer.Text(source.Name);
        writer.Text(source.RunId);
        writer.Texts(source.ParentIds);
        writer.Texts(source.Tags);
        writer.Bytes(source.Metadata.Span);
    }

    private void WriteRun(StreamPart part)
    {
        switch (part)
        {
            case SubgraphPart subgraph:
                writer.Number((int)subgraph.Phase);
                writer.Text(subgraph.Graph);
                writer.Text(subgraph.Node);
                writer.Flag(subgraph.IsSend);
                writer.Text(subgraph.ToolCallId);
                writer.Text(subgraph.Error);
                break;
            case RunStartedPart started:
                writer.Text(started.RunId.ToString());
                writer.Text(started.ThreadId.Value);
                writer.Number(started.Attempt);
                writer.Text(started.GraphId);
                break;
            case RunErrorPart error:
                writer.Text(error.Name);
                writer.Text(error.Message);
                break;
            case RunEndPart end:
                writer.Text(end.RunId.ToString());
                writer.Number((int)end.Status);
                writer.Number(end.Cancel is { } cancel ? (int)cancel : -1);
                writer.Flag(end.IsPaused);
                ThreadPartCodec.WriteFailure(writer, end.Failure);
                // Earlier versions do not read it. Nothing follows it in its block.
                writer.Text(end.GraphId);
                break;
            default:
                ThreadPartCodec.Write(writer, part);
                break;
        }
    }
}
