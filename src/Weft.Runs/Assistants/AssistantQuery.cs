using System.Text.Json;

namespace Weft.Runs;

/// <summary>The conditions, order and page of a search over assistants.</summary>
public sealed record AssistantQuery
{
    /// <summary>Only assistants of this graph, when given.</summary>
    public string? GraphId { get; init; }

    /// <summary>A part of the name, in any case, when given.</summary>
    public string? Name { get; init; }

    /// <summary>A JSON object that the metadata contains, when given.</summary>
    public JsonElement? Metadata { get; init; }

    /// <summary>The greatest number of assistants on a page.</summary>
    public int Limit { get; init; } = 10;

    /// <summary>How many matches to skip.</summary>
    public int Offset { get; init; }

    /// <summary>What to order by. Equal ones are in the order in which they were added.</summary>
    public AssistantSort SortBy { get; init; } = AssistantSort.CreatedAt;

    /// <summary>Largest first.</summary>
    public bool Descending { get; init; } = true;

    /// <summary>Whether an assistant meets the conditions.</summary>
    public bool Matches(AssistantRecord assistant)
    {
        ArgumentNullException.ThrowIfNull(assistant);
        return (GraphId is null || assistant.GraphId == GraphId)
            && (Name is null || assistant.Name.Contains(Name, StringComparison.OrdinalIgnoreCase))
            && (Metadata is not { } wanted || JsonContainment.Contains(assistant.Metadata, wanted));
    }
}

/// <summary>What a search over assistants is ordered by.</summary>
public enum AssistantSort
{
    /// <summary>By id.</summary>
    AssistantId,

    /// <summary>By the id of the graph.</summary>
    GraphId,

    /// <summary>By name.</summary>
    Name,

    /// <summary>By creation time.</summary>
    CreatedAt,

    /// <summary>By last change.</summary>
    UpdatedAt,
}
