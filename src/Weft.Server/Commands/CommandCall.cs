using Microsoft.AspNetCore.Http;
using Weft.Runs;

namespace Weft.Server;

/// <summary>What a command is executed for.</summary>
/// <param name="Actor">The actor.</param>
/// <param name="ThreadId">The thread.</param>
/// <param name="Http">The request, or the one that opened the socket.</param>
/// <param name="Cancellation">Ends with the client.</param>
internal sealed record CommandCall(Actor Actor, ThreadId ThreadId, HttpContext Http, CancellationToken Cancellation)
{
    /// <summary>The command in the audit log; null if nobody reads it.</summary>
    public AuditedCall? Audited { get; init; }

    /// <summary>Whether the request is this command only, so that its <c>Idempotency-Key</c> is the key of the command.</summary>
    public bool HasOwnRequest { get; init; }

    /// <summary>As <see cref="RunSpec.RunsSeen"/>.</summary>
    public long RunsSeen { get; init; } = -1;

    /// <summary>
    /// The run that the command started, or that an earlier command with the same key had started; null if there is none.
    /// </summary>
    public RunRecord? Run { get; set; }
}
