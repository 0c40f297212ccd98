namespace Weft.Runs;

/// <summary>Why a call is refused.</summary>
public enum ProblemKind
{
    /// <summary>What was asked is not well formed (422).</summary>
    Invalid,

    /// <summary>It is not there, or not for this actor (404).</summary>
    NotFound,

    /// <summary>It does not go with what is there (409).</summary>
    Conflict,

    /// <summary>It asks for something that makes no sense here (400).</summary>
    BadRequest,

    /// <summary>The server has as much to do as it may (429); it makes sense to try again later.</summary>
    Overloaded,

    /// <summary>A configured part can't do it (501).</summary>
    Unsupported,
}

/// <summary>A call is refused. The message is written for the client.</summary>
/// <param name="kind">Why.</param>
/// <param name="message">The reason in words.</param>
/// <param name="field">The field of the request that is at fault, such as <c>input</c> or <c>config.recursion_limit</c>; null when none is.</param>
public sealed class WeftException(ProblemKind kind, string message, string? field = null) : Exception(message)
{
    /// <summary>Why.</summary>
    public ProblemKind Kind { get; } = kind;

    /// <summary>The field that is at fault.</summary>
    public string? Field { get; } = field;

    internal static WeftException ThreadNotFound(ThreadId threadId) => new(ProblemKind.NotFound, $"Thread {threadId} not found");

    internal static WeftException ThreadBusy(ThreadId threadId) =>
        new(ProblemKind.Conflict, $"Thread {threadId} has a run that has not ended; its state can be edited when none runs.");

    internal static WeftException RunNotFound(RunId runId) => new(ProblemKind.NotFound, $"Run {runId} not found");
}
