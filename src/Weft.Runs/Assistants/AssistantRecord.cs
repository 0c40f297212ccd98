using System.Text.Json;

namespace Weft.Runs;

/// <summary>An assistant: a graph with its configuration.</summary>
public sealed record AssistantRecord
{
    /// <summary>The id.</summary>
    public required AssistantId AssistantId { get; init; }

    /// <summary>The graph.</summary>
    public required GraphRegistration Graph { get; init; }

    /// <summary>The name. That of the assistant that each graph has is the graph's id.</summary>
    public required string Name { get; init; }

    /// <summary>The purpose of the assistant, for people.</summary>
    public string? Description { get; init; }

    /// <summary>A JSON object.</summary>
    public required JsonElement Metadata { get; init; }

    /// <summary>The version, counted from 1.</summary>
    public int Version { get; init; } = 1;

    /// <summary>When it was created.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it last changed.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }
}
