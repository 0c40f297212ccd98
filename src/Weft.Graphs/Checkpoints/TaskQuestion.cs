using System.Text.Json;

namespace Weft.Graphs;

/// <summary>A question that a task asked and that its order does not identify.</summary>
/// <param name="Id">The id of its interrupt.</param>
/// <param name="HasKey">Whether a key identifies it; otherwise its content does.</param>
/// <param name="Answer">The answer; null if the question is open.</param>
public sealed record TaskQuestion(string Id, bool HasKey, JsonElement? Answer);
