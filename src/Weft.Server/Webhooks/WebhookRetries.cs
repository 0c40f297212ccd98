using System.Security.Cryptography;
using Weft.Runs;

namespace Weft.Server;

/// <summary>When a webhook that was not accepted is called again.</summary>
internal sealed class WebhookRetries(WebhookOptions options)
{
    private const double Factor = 3;
    private const double Jitter = 0.25;

    /// <summary>Returns when the next call is due; null if there is none.</summary>
    public DateTimeOffset? NextAfter(WebhookRecord webhook, WebhookAnswer answer, DateTimeOffset now)
    {
        if (answer.Error == WebhookAnswer.Stopped)
        {
            return now;
        }

        var calls = webhook.Attempts - webhook.EarlierAttempts;
        if (answer.IsFinal || calls >= options.AttemptsMax)
        {
            return null;
        }

        var next = now + DelayAfter(calls, answer.RetryAfter);
        return next <= webhook.SeriesAt + options.RetryTime ? next : null;
    }

    private TimeSpan DelayAfter(int calls, TimeSpan? retryAfter)
    {
        // The exponent is limited only so that the product is a number.
        var seconds = Math.Min(options.FirstDelay.TotalSeconds * Math.Pow(Factor, Math.Min(calls - 1, 100)), options.DelayMax.TotalSeconds);
        var delay = TimeSpan.FromSeconds(seconds * (1 + (Jitter * RandomNumberGenerator.GetInt32(-1_000, 1_001) / 1_000)));
        return retryAfter is { } asked && asked > delay ? asked < options.DelayMax ? asked : options.DelayMax : delay;
    }
}
