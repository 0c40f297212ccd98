using System.Text.Json;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>A graph that the server runs, under an id.</summary>
public sealed record GraphRegistration
{
    /// <summary>The id, by which clients name the graph and its assistant.</summary>
    public required string GraphId { get; init; }

    /// <summary>The graph.</summary>
    public required CompiledGraph Graph { get; init; }

    /// <summary>What it is for.</summary>
    public string? Description { get; init; }

    /// <summary>The configuration that its runs begin with: a JSON object such as <c>{"configurable":{"model":"small"}}</c>.</summary>
    public JsonElement Config { get; init; } = GraphJson.EmptyObject;

    /// <summary>The static context that its runs begin with: a JSON object.</summary>
    public JsonElement Context { get; init; } = GraphJson.EmptyObject;
}
