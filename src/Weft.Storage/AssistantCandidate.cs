using System.Text.Json;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Storage;

/// <summary>Checks assistants for a search: candidates without their configuration, and those that are read later.</summary>
internal static class AssistantCandidate
{
    /// <summary>Whether the metadata of candidates is needed to check them.</summary>
    public static bool NeedsMetadata(Actor actor, AssistantQuery query) => query.Metadata is not null || actor.Scope is not null;

    /// <summary>Whether the actor sees one of its assistants, and it meets the conditions of a search.</summary>
    /// <param name="actor">The actor.</param>
    /// <param name="query">The search.</param>
    /// <param name="graphId">The id of the graph.</param>
    /// <param name="name">The name.</param>
    /// <param name="metadata">The metadata; null if it is not needed.</param>
    public static bool Matches(Actor actor, AssistantQuery query, string graphId, string name, JsonElement? metadata)
    {
        var candidate = new AssistantRecord
        {
            AssistantId = default,
            GraphId = graphId,
            Name = name,
            Metadata = metadata ?? GraphJson.EmptyObject,
            CreatedAt = default,
            UpdatedAt = default,
        };
        return query.Matches(candidate) && actor.Sees(candidate, isOfGraph: false);
    }

    /// <summary>Whether the actor sees a version of one of its assistants, and its metadata contains the given object.</summary>
    /// <param name="actor">The actor.</param>
    /// <param name="part">The object; null if every version is asked for.</param>
    /// <param name="metadata">The metadata of the version.</param>
    public static bool MatchesVersion(Actor actor, JsonElement? part, JsonElement metadata) =>
        (part is not { } wanted || JsonContainment.Contains(metadata, wanted)) && actor.Scope?.Assistants.Matches(metadata) is not false;

    /// <summary>Whether the actor owns and sees an assistant, and it still meets the conditions that were searched for.</summary>
    public static bool MatchesLater(AssistantRecord assistant, Actor actor, AssistantQuery query) =>
        assistant.Owner == actor.Id && query.Matches(assistant) && actor.Sees(assistant, isOfGraph: false);
}
