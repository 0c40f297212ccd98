using Microsoft.AspNetCore.Http;
using Weft.Runs;

namespace Weft.Server;

/// <summary>Makes and reads the URLs with which anyone who has one can give feedback on a run (docs/protocol/feedback.md B12).</summary>
internal sealed class FeedbackUrls(FeedbackFacade feedback, WeftServerOptions options, RunsOptions limits, TimeProvider time)
{
    /// <summary>The path of the tokens below a mount.</summary>
    public const string Path = "/feedback/tokens";

    // It never changes, so that it does not matter if two calls read it at once.
    private ReadOnlyMemory<byte> _secret;

    /// <summary>Returns the URLs for the stream of a run; null if its client wants no feedback.</summary>
    public async ValueTask<FeedbackEvent?> OpenAsync(HttpContext http, Mount mount, RunStreamReader reader)
    {
        if (reader.FeedbackKeys.Count == 0)
        {
            return null;
        }

        await GetSecretAsync(http.RequestAborted);
        var origin = options.PublicUrl?.TrimEnd('/') ?? $"{http.Request.Scheme}://{http.Request.Host.ToUriComponent()}";
        return new FeedbackEvent(this, origin + mount.Path.Of(http.Request) + Path, reader);
    }

    /// <summary>Returns the text of a token; null if it would have expired. The secret has been read.</summary>
    public string? Sign(RunKey run, string key, DateTimeOffset endedAt)
    {
        var expiresAt = endedAt + limits.FeedbackUrlLifetime;
        return expiresAt > time.GetUtcNow() ? new FeedbackToken(run, key, expiresAt).Sign(_secret.Span) : null;
    }

    /// <summary>Returns the token; null if this server did not sign it, or if it has expired.</summary>
    public async Task<FeedbackToken?> ReadAsync(string token, CancellationToken cancellationToken)
    {
        await GetSecretAsync(cancellationToken);
        return FeedbackToken.TryRead(token, _secret.Span) is { } read && read.ExpiresAt > time.GetUtcNow() ? read : null;
    }

    private async ValueTask GetSecretAsync(CancellationToken cancellationToken)
    {
        if (_secret.IsEmpty)
        {
            _secret = await feedback.GetSecretAsync(cancellationToken);
        }
    }
}
