using Weft.Graphs;

namespace Weft.Agents;

/// <summary>A tool call that may run, or not.</summary>
/// <param name="Call">The call, with the arguments that a person may have changed.</param>
/// <param name="IsEdited">Whether they were changed.</param>
/// <param name="Refusal">Why it must not run; null when it may.</param>
internal sealed record DecidedCall(ToolCall Call, bool IsEdited = false, string? Refusal = null);
