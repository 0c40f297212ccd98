namespace Weft.Graphs;

/// <summary>A piece of a tool call while a model makes it.</summary>
/// <param name="Index">The place of the call among those of the message; null if unknown.</param>
/// <param name="Id">The id of the call, in its first piece.</param>
/// <param name="Name">The name of the tool, in its first piece.</param>
/// <param name="Args">The text that continues the arguments.</param>
public sealed record ToolCallChunk(int? Index, string? Id, string? Name, string? Args);
