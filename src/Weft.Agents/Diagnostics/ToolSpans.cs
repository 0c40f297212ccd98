using System.Diagnostics;
using Weft.Graphs;
using static Weft.Graphs.WeftTelemetry;

namespace Weft.Agents;

/// <summary>The spans of tool calls that a graph makes. They do not contain arguments and results.</summary>
internal static class ToolSpans
{
    /// <summary>Starts the span of a call; <see langword="null"/> if nobody wants it.</summary>
    public static Activity? Start(ToolCall call) => !Tracing.IsObserved
        ? null
        : Tracing.Start(
            Spans.Tool,
            call.Name,
            ActivityKind.Internal,
            new(Attributes.Operation, Spans.Tool),
            new(Attributes.ToolName, call.Name),
            new(Attributes.ToolType, "function"),
            new(Attributes.ToolCallId, call.Id));
}
