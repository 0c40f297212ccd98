namespace Weft.Server;

/// <summary>The files of a graph's UI components, by their names.</summary>
internal sealed record UiBundle(string GraphId, IReadOnlyDictionary<string, string> Files);
