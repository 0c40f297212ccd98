using System.Diagnostics.CodeAnalysis;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;

namespace Weft.Server;

/// <summary>Limits how often each caller may send requests, with the limiters of ASP.NET Core's rate limiting.</summary>
/// <remarks>
/// Its middleware can't do it: it belongs to the application, which may have none, or one with limits of its own, and it runs before the
/// actor is known.
/// </remarks>
internal sealed class RequestRate(WeftServerOptions options) : IDisposable
{
    private readonly PartitionedRateLimiter<HttpContext>? _limiter = options.RequestsPerMinuteMax is { } perMinute
        ? Create(perMinute, options.RequestBurstMax)
        : null;

    public bool IsLimited => _limiter is not null;

    /// <summary>Counts a request, or a command of a WebSocket.</summary>
    /// <param name="http">The request.</param>
    /// <param name="refused">The time until the caller may send another one, if this one is refused.</param>
    /// <returns>Whether it may be executed.</returns>
    public bool TryCount(HttpContext http, [NotNullWhen(false)] out TimeSpan? refused)
    {
        refused = null;
        if (_limiter is null)
        {
            return true;
        }

        using var lease = _limiter.AttemptAcquire(http);
        if (!lease.IsAcquired)
        {
            refused = lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : TimeSpan.FromSeconds(1);
        }

        return lease.IsAcquired;
    }

    /// <summary>Returns the text for a request that is refused.</summary>
    public string Refusal() => $"The caller may send at most {options.RequestsPerMinuteMax} requests per minute. Try again later.";

    public void Dispose() => _limiter?.Dispose();

    private static PartitionedRateLimiter<HttpContext> Create(int perMinute, int burst)
    {
        var limit = new TokenBucketRateLimiterOptions
        {
            TokenLimit = burst,
            TokensPerPeriod = 1,
            ReplenishmentPeriod = TimeSpan.FromMinutes(1) / perMinute,
        };
        return PartitionedRateLimiter.Create<HttpContext, Caller>(
            http => RateLimitPartition.GetTokenBucketLimiter(Caller.Of(http), _ => limit));
    }
}
