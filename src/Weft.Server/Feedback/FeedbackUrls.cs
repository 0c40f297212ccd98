using Microsoft.AspNetCore.Http;
using Weft.Runs;

namespace Weft.Server;

/// <summary>Makes and reads the URLs with which anyone who has one can give feedback on a run (docs/protocol/feedback.md B12).</summary>
internal sealed class FeedbackUrls(ServerSecret secret, WeftServerOptions options, RunsOptions limits, TimeProvider time)
{
    /// <summary>The path of the tokens below a mount.</summary>
    public const string Path = "/feedback/tokens";

    /// <summary>Returns the URLs for the stream of a run; null if its client wants no feedback.</summary>
    public async ValueTask<FeedbackEvent?> OpenAsync(HttpContext http, Mount mount, RunStreamReader reader)
    {
        if (reader.FeedbackKeys.Count == 0)
        {
            return null;
        }

        var signingKey = await secret.GetAsync(http.RequestAborted);
        var origin = options.PublicUrl?.TrimEnd('/') ?? $"{http.Request.Scheme}://{http.Request.Host.ToUriComponent()}";
        return new FeedbackEvent(this, signingKey, origin + mount.Path.Of(http.Request) + Path, reader);
    }

    /// <summary>Returns the text of a token; null if it would have expired.</summary>
    public string? Sign(byte[] signingKey, RunKey run, string key, DateTimeOffset endedAt)
    {
        var expiresAt = endedAt + limits.FeedbackUrlLifetime;
        return expiresAt > time.GetUtcNow() ? new FeedbackToken(run, key, expiresAt).Sign(signingKey) : null;
    }

    /// <summary>Returns the token; null if this server did not sign it, or if it has expired.</summary>
    public async Task<FeedbackToken?> ReadAsync(string token, CancellationToken cancellationToken)
    {
        var read = FeedbackToken.TryRead(token, await secret.GetAsync(cancellationToken));
        return read?.ExpiresAt > time.GetUtcNow() ? read : null;
    }
}
