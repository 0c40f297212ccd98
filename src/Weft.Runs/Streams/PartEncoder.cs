using System.Diagnostics;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>
/// Encodes events for a store, in a form that belongs to no protocol. <see cref="PartDecoder"/> reads it. Not safe for
/// concurrent use.
/// </summary>
/// <param name="states">Stores states as differences; null means that states are stored whole.</param>
internal sealed class PartEncoder(SharedStates? states = null)
{
    private readonly FieldWriter _writer = new();

    /// <summary>Returns the record of an event, whose values are valid JSON.</summary>
    public StreamEventRecord Encode(RunEvent added)
    {
        _writer.Text(added.Part.Namespace);
        CheckpointId? shared = null;
        var kind = added.Part is ValuesPart values ? Write(values, out shared) : Write(added.Part);
        return new StreamEventRecord(added.Seq, kind, _writer.Take(), added.CreatedAt) { Base = shared, Format = PartKinds.Format };
    }

    private string Write(ValuesPart part, out CheckpointId? shared)
    {
        _writer.Interrupts(part.Interrupts);
        _writer.Flag(part.Checkpoint is not null);
        if (part.Checkpoint is { } checkpoint)
        {
            Write(checkpoint);
        }

        // Only states of the root graph are like those of the thread's checkpoints.
        var difference = part.Namespace.Length == 0 ? states?.Share(part.State.Utf8.Span) : null;
        shared = difference?.Base;
        _writer.Rest(difference is { } found ? found.Difference.Span : part.State.Utf8.Span);
        return PartKinds.Values;
    }

    private string Write(StreamPart part)
    {
        switch (part)
        {
            case UpdatePart update:
                return Write(PartKinds.Update, update.Node, update.Writes, update.IsCached);
            case StepPart step:
                return Write(PartKinds.Step, step.Name, step.Result, step.IsCached);
            case InterruptsPart pause:
                _writer.Interrupts(pause.Interrupts);
                return PartKinds.Interrupts;
            case CheckpointPart or TaskStartPart or TaskResultPart or DebugPart:
                return WriteTask(part);
            case MessageChunkPart or MessageMetadataPart or PartialMessagePart or CompleteMessagesPart:
                return WriteMessage(part);
            case CustomPart custom:
                _writer.Text(custom.Channel);
                _writer.Json(custom.Value);
                return PartKinds.Custom;
            case ToolPart tool:
                _writer.Number((int)tool.Phase);
                _writer.Text(tool.CallId);
                _writer.Text(tool.Name);
                _writer.Json(tool.Value);
                _writer.Text(tool.InputText);
                return PartKinds.Tool;
            case EventPart told:
                return Write(told);
            default:
                return WriteRun(part);
        }
    }

    private string Write(string kind, string name, LazyJson value, bool isCached)
    {
        _writer.Text(name);
        _writer.Json(value);
        _writer.Flag(isCached);
        return kind;
    }

    private string WriteTask(StreamPart part)
    {
        switch (part)
        {
            case CheckpointPart checkpoint:
                Write(checkpoint);
                return PartKinds.Checkpoint;
            case TaskStartPart start:
                _writer.Text(start.Id);
                _writer.Text(start.Node);
                _writer.Json(start.Input);
                _writer.Texts(start.Triggers);
                return PartKinds.TaskStart;
            case TaskResultPart result:
                _writer.Text(result.Id);
                _writer.Text(result.Node);
                _writer.Text(result.Error);
                _writer.Json(result.Result);
                _writer.Interrupts(result.Interrupts);
                return PartKinds.TaskResult;
            case DebugPart debug:
                _writer.Text(debug.Type);
                _writer.Number(debug.Step);
                _writer.Time(debug.Time);
                WriteTask(debug.Part);
                return PartKinds.Debug;
            default:
                throw Unknown(part);
        }
    }

    private void Write(CheckpointPart part)
    {
        _writer.Text(part.ThreadId);
        _writer.Text(part.CheckpointNamespace);
        Write(part.Info);
        _writer.Number(part.Parents.Count);
        foreach (var (checkpointNamespace, id) in part.Parents)
        {
            _writer.Text(checkpointNamespace);
            _writer.Text(id);
        }

        _writer.Json(part.State);
        _writer.Json(part.Metadata);
        _writer.Json(part.Next);
        _writer.Json(part.Tasks);
    }

    private void Write(CheckpointInfo checkpoint)
    {
        _writer.Text(checkpoint.Id);
        _writer.Text(checkpoint.ParentId);
        _writer.Number(checkpoint.Step);
        _writer.Number((int)checkpoint.Source);
        _writer.Time(checkpoint.CreatedAt);
    }

    private string WriteMessage(StreamPart part)
    {
        switch (part)
        {
            case MessageChunkPart chunk:
                ThreadPartCodec.Write(_writer, chunk.Message);
                _writer.Bytes(chunk.Message.Before.Span);
                _writer.Bytes(chunk.Own.Span);
                _writer.Bytes(chunk.Message.After.Span);
                _writer.Number(chunk.Message.BlockIndex);
                return PartKinds.MessageChunk;
            case MessageMetadataPart metadata:
                ThreadPartCodec.Write(_writer, metadata.Message);
                return PartKinds.MessageMetadata;
            case PartialMessagePart partial:
                _writer.Bytes(partial.Head.Span);
                _writer.Bytes(partial.Content.Span);
                _writer.Bytes(partial.Tail.Span);
                return PartKinds.PartialMessage;
            case CompleteMessagesPart complete:
                _writer.Json(complete.Messages);
                return PartKinds.CompleteMessages;
            default:
                throw Unknown(part);
        }
    }

    private string Write(EventPart part)
    {
        var source = part.Source;
        _writer.Number((int)source.Kind);
        _writer.Text(source.Name);
        _writer.Text(source.RunId);
        _writer.Texts(source.ParentIds);
        _writer.Texts(source.Tags);
        _writer.Bytes(source.Metadata.Span);
        _writer.Number((int)part.Phase);
        _writer.Json(part.Value);
        _writer.Json(part.Input);
        return PartKinds.Event;
    }

    private string WriteRun(StreamPart part)
    {
        switch (part)
        {
            case SubgraphPart subgraph:
                _writer.Number((int)subgraph.Phase);
                _writer.Text(subgraph.Graph);
                _writer.Text(subgraph.Node);
                _writer.Flag(subgraph.IsSend);
                _writer.Text(subgraph.ToolCallId);
                _writer.Text(subgraph.Error);
                return PartKinds.Subgraph;
            case RunStartedPart started:
                _writer.Text(started.RunId.ToString());
                _writer.Text(started.ThreadId.Value);
                _writer.Number(started.Attempt);
                _writer.Text(started.GraphId);
                return PartKinds.RunStarted;
            case RunErrorPart error:
                _writer.Text(error.Name);
                _writer.Text(error.Message);
                return PartKinds.RunError;
            case RunEndPart end:
                _writer.Text(end.RunId.ToString());
                _writer.Number((int)end.Status);
                _writer.Number(end.Cancel is { } cancel ? (int)cancel : -1);
                _writer.Flag(end.IsPaused);
                ThreadPartCodec.WriteFailure(_writer, end.Failure);
                return PartKinds.RunEnd;
            default:
                return ThreadPartCodec.TryWrite(_writer, part) ?? throw Unknown(part);
        }
    }

    private static UnreachableException Unknown(StreamPart part) => new($"A part of type {part.GetType().Name} has no stored form.");
}
