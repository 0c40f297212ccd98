using System.Text;
using System.Text.Json;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>
/// The part that one call sees of what its actor owns, and the metadata of what the call creates. A kind of resource that is not
/// named is not seen at all. Runs are seen with their threads.
/// </summary>
public sealed record ActorScope
{
    /// <summary>The threads that the call sees.</summary>
    public MetadataFilter Threads { get; init; } = MetadataFilter.None;

    /// <summary>The assistants that the call sees.</summary>
    public MetadataFilter Assistants { get; init; } = MetadataFilter.None;

    /// <summary>Whether the call sees the assistants that belong to graphs, whatever <see cref="Assistants"/> says.</summary>
    public bool SeesGraphs { get; init; }

    /// <summary>The crons that the call sees.</summary>
    public MetadataFilter Crons { get; init; } = MetadataFilter.None;

    /// <summary>The items that the call sees: a condition on their <c>namespace</c>, a list of labels, and on their <c>key</c>.</summary>
    public MetadataFilter Items { get; init; } = MetadataFilter.None;

    /// <summary>The namespace that replaces that of the call; null leaves the call's.</summary>
    public ItemNamespace? Namespace { get; init; }

    /// <summary>The metadata of resources that the call creates or changes.</summary>
    public MetadataStamp Stamp { get; init; } = MetadataStamp.None;

    /// <summary>The scope of the runs that a cron creates, if the call creates or changes one.</summary>
    public ActorScope? OfRuns { get; init; }
}

/// <summary>The checks of what an actor sees.</summary>
internal static class ActorScopeExtensions
{
    public static bool Sees(this Actor actor, ThreadRecord thread) => actor.Scope is null || actor.SeesThread(thread.Metadata);

    /// <summary>Whether the actor sees a thread with this metadata, a JSON object.</summary>
    public static bool SeesThread(this Actor actor, string metadata) =>
        actor.Scope is not { } scope || scope.Threads.Matches(Parse(metadata));

    public static bool Sees(this Actor actor, CronRecord cron) =>
        actor.Scope is not { } scope || scope.Crons.Matches(Parse(cron.Metadata));

    /// <summary>Whether the actor sees an assistant.</summary>
    /// <param name="actor">The actor.</param>
    /// <param name="assistant">The assistant.</param>
    /// <param name="isOfGraph">Whether it belongs to a graph, and the actor has not changed it.</param>
    public static bool Sees(this Actor actor, AssistantRecord assistant, bool isOfGraph) =>
        actor.Scope is not { } scope || (isOfGraph && scope.SeesGraphs) || scope.Assistants.Matches(assistant.Metadata);

    /// <summary>Returns metadata, a JSON object, as a resource has it that the actor creates or changes.</summary>
    public static string Stamped(this Actor actor, string metadata) =>
        actor.Scope is { Stamp: { IsEmpty: false } stamp } ? stamp.ApplyTo(Parse(metadata)).GetRawText() : metadata;

    /// <summary>Returns metadata as a resource has it that the actor creates or changes.</summary>
    public static JsonElement Stamped(this Actor actor, JsonElement metadata) =>
        actor.Scope is { Stamp: { IsEmpty: false } stamp } ? stamp.ApplyTo(metadata) : metadata;

    private static JsonElement Parse(string metadata) => GraphJson.Parse(Encoding.UTF8.GetBytes(metadata));
}
