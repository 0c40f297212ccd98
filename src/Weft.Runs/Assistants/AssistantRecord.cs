using System.Text.Json;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>An assistant: a graph with a configuration, as of one version.</summary>
public sealed record AssistantRecord
{
    /// <summary>The id.</summary>
    public required AssistantId AssistantId { get; init; }

    /// <summary>The actor whose assistant it is; empty for the assistant that each graph has, which is everybody's.</summary>
    public string Owner { get; init; } = "";

    /// <summary>The id of the graph. The server may no longer have it.</summary>
    public required string GraphId { get; init; }

    /// <summary>The name. That of the assistant that each graph has is the graph's id.</summary>
    public required string Name { get; init; }

    /// <summary>The purpose of the assistant, for people.</summary>
    public string? Description { get; init; }

    /// <summary>The configuration of its runs, under their own: a JSON object such as <c>{"configurable":{"model":"small"}}</c>.</summary>
    public JsonElement Config { get; init; } = GraphJson.EmptyObject;

    /// <summary>The static context of its runs, under their own: a JSON object.</summary>
    public JsonElement Context { get; init; } = GraphJson.EmptyObject;

    /// <summary>A JSON object.</summary>
    public required JsonElement Metadata { get; init; }

    /// <summary>The version, counted from 1.</summary>
    public int Version { get; init; } = 1;

    /// <summary>When the assistant was created; in a list of versions, when this version was.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it last changed.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }
}
