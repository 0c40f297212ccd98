using Weft.Runs;

namespace Weft.Server;

/// <summary>A task: a run, and those that continued it after its questions (docs/protocol/a2a.md 4).</summary>
internal sealed record A2aTask
{
    /// <summary>The id of the first run.</summary>
    public required string Id { get; init; }

    /// <summary>The thread.</summary>
    public required ThreadId ContextId { get; init; }

    public required A2aState State { get; init; }

    /// <summary>The time at which the task got its state.</summary>
    public required DateTimeOffset ChangedAt { get; init; }

    /// <summary>The questions of a task that waits, or why it failed.</summary>
    public IReadOnlyList<A2aPart> StatusParts { get; init; } = [];

    /// <summary>What the runs returned; null to leave it out.</summary>
    public IReadOnlyList<A2aArtifact>? Artifacts { get; init; } = [];

    /// <summary>The messages of the runs.</summary>
    public IReadOnlyList<A2aHistoryMessage> History { get; init; } = [];

    /// <summary>Returns the newest messages of the history; all of them if <paramref name="length"/> is null.</summary>
    public A2aTask WithHistory(int? length) =>
        length is { } given && given < History.Count ? this with { History = [.. History.Skip(History.Count - given)] } : this;
}

/// <summary>Something that a run returned.</summary>
internal sealed record A2aArtifact(string Id, string Name, IReadOnlyList<A2aPart> Parts);

/// <summary>A message of a user or of the agent.</summary>
internal sealed record A2aHistoryMessage(string Id, bool IsUser, IReadOnlyList<A2aPart> Parts);
