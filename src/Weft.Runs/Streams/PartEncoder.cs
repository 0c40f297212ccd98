using Weft.Graphs;

namespace Weft.Runs;

/// <summary>
/// Writes parts in a form that belongs to no protocol. <see cref="PartDecoder"/> reads it.
/// </summary>
/// <param name="writer">What the parts are written to.</param>
/// <param name="states">Stores states as differences; null means that states are stored whole.</param>
internal sealed class PartEncoder(FieldWriter writer, SharedStates? states)
{
    private ReadOnlyMemory<byte> _state;

    /// <summary>Writes a part, whose values are valid JSON.</summary>
    public void Write(StreamPart part)
    {
        var kind = PartKinds.Of(part);
        writer.SharedText(kind);
        if (PartKinds.HasState(kind))
        {
            var state = StateOf(part)?.Utf8 ?? default;
            // Only states of the root graph are like those of the thread's checkpoints.
            var difference = part.Namespace.Length == 0 ? states?.Share(state.Span) : null;
            writer.SharedText(difference?.Base);
            _state = difference?.Difference ?? state;
        }

        writer.SharedText(part.Namespace);
        WriteFields(part);
    }

    /// <summary>Returns the state that a part shows, which may be as large as the thread; null if it shows none.</summary>
    private static LazyJson? StateOf(StreamPart part) => part switch
    {
        ValuesPart values => values.State,
        CheckpointPart checkpoint => checkpoint.State,
        TaskStartPart start => start.Input,
        DebugPart debug => StateOf(debug.Part),
        _ => null,
    };

    private void Write(ValuesPart part)
    {
        writer.Interrupts(part.Interrupts);
        writer.Flag(part.Checkpoint is not null);
        if (part.Checkpoint is { } checkpoint)
        {
            ThreadPartCodec.Write(writer, checkpoint);
        }

        writer.Bytes(_state.Span);
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
                writer.Json(custom.Value);
                break;
            case ToolPart tool:
                writer.Number((int)tool.Phase);
                writer.Text(tool.CallId);
                writer.Text(tool.Name);
                writer.Json(tool.Value);
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
        writer.Json(value);
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
                writer.Bytes(_state.Span);
                writer.Texts(start.Triggers);
                break;
            case TaskResultPart result:
                writer.Text(result.Id);
                writer.Text(result.Node);
                writer.Text(result.Error);
                writer.Json(result.Result);
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

        writer.Bytes(_state.Span);
        writer.Json(part.Metadata);
        writer.Json(part.Next);
        writer.Json(part.Tasks);
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
                writer.Bytes(partial.Content.Span);
                writer.Bytes(partial.Tail.Span);
                break;
            case CompleteMessagesPart complete:
                writer.Json(complete.Messages);
                break;
        }
    }

    private void Write(EventPart part)
    {
        if (writer.TryShare(part.Source))
        {
            WriteFields(part.Source);
        }

        writer.Number((int)part.Phase);
        writer.Json(part.Value);
        writer.Json(part.Input);
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
                break;
            default:
                ThreadPartCodec.Write(writer, part);
                break;
        }
    }
}
