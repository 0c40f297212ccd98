using Microsoft.Extensions.Hosting;
using Weft.Runs;

namespace Weft.Server;

/// <summary>Tells responses when they must end because the server stops.</summary>
internal sealed class ServerStop(IHostApplicationLifetime lifetime, IRequestDrain? drain = null)
{
    /// <summary>Cancelled when responses end that wait for a run or stream it.</summary>
    public CancellationToken OfRuns => drain?.LetGo ?? lifetime.ApplicationStopping;

    /// <summary>Cancelled when responses end that have no end of their own. Their clients connect again.</summary>
    public CancellationToken OfThreads => lifetime.ApplicationStopping;

    /// <summary>Counts a response that waits for a run or streams it; null if nobody waits for it.</summary>
    public IDisposable? Enter() => drain?.Enter();
}
