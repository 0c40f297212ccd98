namespace Weft.Runs;

/// <summary>The reason why a call is refused.</summary>
public enum ProblemKind
{
    /// <summary>The request is not valid (422).</summary>
    Invalid,

    /// <summary>The resource does not exist, or the actor has no access to it (404).</summary>
    NotFound,

    /// <summary>The request conflicts with the current state of the resource (409).</summary>
    Conflict,

    /// <summary>The request is not valid for this resource (400).</summary>
    BadRequest,

    /// <summary>The server has reached a limit (429). A later request may succeed.</summary>
    Overloaded,

    /// <summary>A configured component does not support the request (501).</summary>
    Unsupported,

    /// <summary>The actor may not do this (403).</summary>
    Forbidden,

    /// <summary>A configured component can't be used now (503). A later request may succeed.</summary>
    Unavailable,
}

/// <summary>A call is refused. The message is written for the client.</summary>
/// <param name="kind">The reason.</param>
/// <param name="message">The reason as text.</param>
/// <param name="field">
/// The wrong field of the request, such as <c>input</c> or <c>config.recursion_limit</c>; null if the reason is not a field.
/// </param>
public sealed class WeftException(ProblemKind kind, string message, string? field = null) : Exception(message)
{
    /// <summary>The reason.</summary>
    public ProblemKind Kind { get; } = kind;

    /// <summary>The wrong field of the request; null if the reason is not a field.</summary>
    public string? Field { get; } = field;

    /// <summary>Whether the limit that is reached is the actor's own, so that others do not have to wait.</summary>
    internal bool IsOfActor { get; init; }

    internal static WeftException ThreadNotFound(ThreadId threadId) => new(ProblemKind.NotFound, $"Thread {threadId} not found");

    internal static WeftException ThreadBusy(ThreadId threadId) =>
        new(ProblemKind.Conflict, $"Thread {threadId} has a run that has not ended; its state can be edited when none runs.");

    /// <param name="id">The id of the assistant or of its graph, as the request has it.</param>
    internal static WeftException AssistantNotFound(string id) => new(
        ProblemKind.NotFound,
        $"No assistant found for \"{id}\". Make sure the assistant ID is for a valid assistant or a valid graph ID.",
        "assistant_id");

    internal static WeftException RunNotFound(RunId runId) => new(ProblemKind.NotFound, $"Run {runId} not found");
}
