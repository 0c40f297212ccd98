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
        .Result;
}
