using Microsoft.Extensions.Options;
using Weft.Runs;

namespace Weft.Server;

/// <summary>The ranges of <see cref="WeftServerOptions"/>.</summary>
internal sealed class WeftServerOptionsValidation : IValidateOptions<WeftServerOptions>
{
    public ValidateOptionsResult Validate(string? name, WeftServerOptions options) => new OptionsCheck<WeftServerOptions>()
        .Positive(options.RequestBodyBytesMax)
        .Timer(options.RequestBodyTimeout)
        .Positive(options.PageSizeMax)
        .Positive(options.BatchRunsMax)
        .Positive(options.StreamsPerActorMax)
        .Positive(options.RequestsPerMinuteMax)
        .Positive(options.RequestBurstMax)
        .Timer(options.HeartbeatInterval)
        .Timer(options.SocketTimeout)
        .Positive(options.SocketSubscriptionsMax)
        .Positive(options.FilterNamespacesMax)
        .Positive(options.FeedbackKeysMax)
        .Timer(options.SuggestionTimeout)
        .Positive(options.SuggestionCharactersMax)
        .Positive(options.SuggestionsMax)
        .Positive(options.SuggestionsPerActorMax)
        .Timer(options.TitleTimeout)
        .Positive(options.TitlesMax)
        .Is(IsAddress(options.PublicUrl), nameof(options.PublicUrl), "must be an address that begins with http:// or https://")
        .Timer(options.Webhooks.Timeout)
        .Positive(options.Webhooks.AttemptsMax)
        .NotNegative(options.Webhooks.FirstDelay)
        .NotNegative(options.Webhooks.DelayMax)
        .NotNegative(options.Webhooks.RetryTime)
        .Positive(options.Webhooks.CallsMax)
        .Positive(options.Webhooks.CallsPerReceiverMax)
        .Positive(options.Webhooks.PayloadBytesMax)
        .Is(
            options.Webhooks.Secrets.All(secret => WebhookSignature.TryReadKey(secret) is not null),
            "options.Webhooks.Secrets",
            "must have the form 'whsec_' and 24 to 64 bytes in base64")
        .Is(
            options.Webhooks.AllowedHosts.All(WebhookAddresses.IsHostEntry),
            "options.Webhooks.AllowedHosts",
            "must be host names, IP addresses and networks such as 10.1.0.0/16")
        .Is(
            options.Webhooks.Paths.All(WebhookAddresses.IsPathEntry),
            "options.Webhooks.Paths",
            "must be paths such as /hooks/ended or /hooks/*")
        .Result;

    private static bool IsAddress(string? url) =>
        url is null || (Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme is "http" or "https");
}
