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
        .Timer(options.HeartbeatInterval)
        .Timer(options.SocketTimeout)
        .Positive(options.SocketSubscriptionsMax)
        .Positive(options.FilterNamespacesMax)
        .Positive(options.WebhookAttemptsMax)
        .Timer(options.WebhookTimeout)
        .Positive(options.QueuedWebhooksMax)
        .Positive(options.FeedbackKeysMax)
        .Timer(options.SuggestionTimeout)
        .Positive(options.SuggestionCharactersMax)
        .Is(IsAddress(options.PublicUrl), nameof(options.PublicUrl), "must be an address that begins with http:// or https://")
        .Result;

    private static bool IsAddress(string? url) =>
        url is null || (Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme is "http" or "https");
}
