using System.Net;

namespace Weft.RemoteGraphs;

/// <summary>The call of a remote graph failed.</summary>
/// <param name="failure">As <see cref="Failure"/>.</param>
/// <param name="message">What happened.</param>
/// <param name="inner">The cause; null if there is none.</param>
public sealed class RemoteGraphException(RemoteGraphFailure failure, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The kind of failure.</summary>
    public RemoteGraphFailure Failure { get; } = failure;

    /// <summary>The status with which the server refused a request; null for other failures.</summary>
    public HttpStatusCode? StatusCode { get; init; }

    /// <summary>The name of the error of the remote run; null if it is not known.</summary>
    public string? ErrorName { get; init; }
}

/// <summary>The kind of failure of a remote graph.</summary>
public enum RemoteGraphFailure
{
    /// <summary>The server could not be reached for <see cref="RemoteGraphOptions.ReconnectTimeout"/>.</summary>
    Unreachable,

    /// <summary>The server refused a request, see <see cref="RemoteGraphException.StatusCode"/>.</summary>
    Refused,

    /// <summary>The remote run failed or timed out.</summary>
    RunFailed,

    /// <summary>Somebody cancelled the remote run.</summary>
    RunCancelled,

    /// <summary>The server answered something that is not the protocol.</summary>
    InvalidAnswer,
}
