using Weft.Graphs;

namespace Weft.Runs;

/// <summary>What a run executes. It is resolved once, at admission, and kept with the run.</summary>
/// <param name="Assistant">The assistant.</param>
/// <param name="Graph">Its graph, made with the configuration of the run.</param>
/// <param name="Command">The command of the run; null if it has an input, or continues from the checkpoint.</param>
internal sealed record RunPlan(AssistantRecord Assistant, CompiledGraph Graph, Command? Command);
