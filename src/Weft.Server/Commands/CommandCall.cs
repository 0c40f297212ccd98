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
}
