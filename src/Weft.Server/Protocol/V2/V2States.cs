using Weft.Graphs;

namespace Weft.Server;

/// <summary>Encodes what nodes wrote, and the checkpoints of states.</summary>
internal static class V2States
{
    private static readonly Func<StreamItem, Form> UpdateForm = static part => Make(((UpdatePart)part).Node);
    private static readonly Func<StreamItem, Form> StepForm = static part => Make(((StepPart)part).Name);
    private static readonly Func<StreamItem, byte[]> CheckpointForm = static part => Encode(((StateCheckpointPart)part).Checkpoint);

    private static readonly byte[] End = [(byte)'}'];
    private static readonly byte[] Nothing = [.. "{}"u8];

    public static V2Event Of(UpdatePart part)
    {
        // A node that wrote nothing has null in the first protocol. The values of this one are an object.
        var writes = part.Writes.Utf8;
        return Of(part.FormOf(UpdateForm), writes.Span.SequenceEqual("null"u8) ? Nothing : writes);
    }

    public static V2Event Of(StepPart part) => Of(part.FormOf(StepForm), part.Result.Utf8);

    public static V2Event Of(StateCheckpointPart part) => new(V2Methods.Checkpoints, new JsonPieces(part.FormOf(CheckpointForm)));

    private static V2Event Of(Form form, ReadOnlyMemory<byte> values) =>
        new(V2Methods.Updates, new JsonPieces(form.Head, values, End), form.Before);

    private static Form Make(string node)
    {
        var name = GraphJson.Encode(node, static (writer, node) => writer.WriteStringValue(node));
        return new Form(V2Json.BeforeData(node), [.. "{\"node\":"u8, .. name, .. ",\"values\":"u8]);
    }

    private static byte[] Encode(CheckpointInfo checkpoint) => GraphJson.Encode(checkpoint, static (writer, checkpoint) =>
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, checkpoint.Id);
        if (checkpoint.ParentId is { } parent)
        {
            writer.WriteString("parent_id"u8, parent);
        }

        writer.WriteNumber("step"u8, checkpoint.Step);
        writer.WriteString("source"u8, SourceOf(checkpoint.Source));
        writer.WriteEndObject();
    });

    private static ReadOnlySpan<byte> SourceOf(CheckpointSource source) => source switch
    {
        CheckpointSource.Input => "input"u8,
        CheckpointSource.Update => "update"u8,
        CheckpointSource.Fork => "fork"u8,
        _ => "loop"u8,
    };

    private sealed record Form(byte[] Before, byte[] Head);
}
