using System.Text;
using System.Text.Json;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Server;

/// <summary>Encodes the life of the root graph and of the graphs inside it.</summary>
internal static class V2Lifecycle
{
    private static readonly Func<StreamItem, Form> MakeForm = static part => part switch
    {
        RunStartedPart started => new Form(NameOf(started), GraphJson.Encode(started, Write)),
        RunEndPart end => new Form(Encoding.UTF8.GetBytes(NameOf(end)), GraphJson.Encode(end, Write)),
        SubgraphPart subgraph => new Form(null, GraphJson.Encode(subgraph, Write)),
        _ => throw new ArgumentOutOfRangeException(nameof(part), part.GetType().Name, "The part has no lifecycle event."),
    };

    public static V2Event Of(StreamPart part)
    {
        var form = part.FormOf(MakeForm);
        return new V2Event(V2Methods.Lifecycle, new JsonPieces(form.Data), lifecycle: form.Name);
    }

    /// <summary>Returns how a run ended: <c>completed</c>, <c>failed</c> or <c>interrupted</c>.</summary>
    public static string NameOf(RunEndPart part) => part.Status switch
    {
        RunStatus.Error or RunStatus.Timeout => "failed",
        RunStatus.Success when !part.IsPaused => "completed",
        _ => "interrupted",
    };

    /// <summary>Returns what happened to a graph inside the root graph.</summary>
    public static string NameOf(SubgraphPhase phase) => phase switch
    {
        SubgraphPhase.Started => "started",
        SubgraphPhase.Completed => "completed",
        SubgraphPhase.Failed => "failed",
        _ => "interrupted",
    };

    /// <summary>A later attempt of a run starts again, under another id.</summary>
    private static byte[] NameOf(RunStartedPart part) =>
        part.Attempt == 1 ? [.. "running"u8] : Encoding.UTF8.GetBytes($"running:{part.Attempt}");

    private static void Write(Utf8JsonWriter writer, RunStartedPart part)
    {
        writer.WriteStartObject();
        writer.WriteString("event"u8, "running"u8);
        WriteGraph(writer, part.GraphId);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, RunEndPart part)
    {
        var name = NameOf(part);
        writer.WriteStartObject();
        writer.WriteString("event"u8, name);
        WriteGraph(writer, part.GraphId);
        if (name == "failed")
        {
            writer.WriteString("error"u8, part.Failure?.Message ?? "The run failed.");
            if (part.Failure is { UnknownInterruptIds: { } unknown, PendingInterruptIds: { } pending })
            {
                writer.WriteString("reason"u8, "unknown_interrupt"u8);
                V2Json.WriteTexts(writer, "interrupt_ids", unknown);
                V2Json.WriteTexts(writer, "pending_ids", pending);
            }
        }

        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, SubgraphPart part)
    {
        writer.WriteStartObject();
        writer.WriteString("event"u8, NameOf(part.Phase));
        writer.WriteString("graph_name"u8, part.Graph);
        if (part is { Phase: SubgraphPhase.Started, ToolCallId: { } callId })
        {
            writer.WriteStartObject("cause"u8);
            writer.WriteString("type"u8, "toolCall"u8);
            writer.WriteString("tool_call_id"u8, callId);
            writer.WriteEndObject();
        }

        if (part.Error is { } error)
        {
            writer.WriteString("error"u8, error);
        }

        writer.WriteEndObject();
    }

    private static void WriteGraph(Utf8JsonWriter writer, string? graph)
    {
        if (graph is not null)
        {
            writer.WriteString("graph_name"u8, graph);
        }
    }

    private sealed record Form(byte[]? Name, byte[] Data);
}
