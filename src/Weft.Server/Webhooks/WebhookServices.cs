using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Weft.Runs;

namespace Weft.Server;

/// <summary>Adds what calls webhooks.</summary>
internal static class WebhookServices
{
    public static void AddTo(IServiceCollection services)
    {
        services.TryAddSingleton(provider => new WebhookAddresses(
            provider.GetRequiredService<IOptions<WeftServerOptions>>().Value.Webhooks,
            provider.GetService<IHostEnvironment>()?.IsDevelopment() ?? false,
            path => provider.GetRequiredService<WeftRoutes>().MethodsAt(new PathString(path)).Any()));
        services.TryAddSingleton<WebhookNames>();
        services.TryAddSingleton<WebhookConnections>();
        services.AddHttpClient(WebhookConnections.ClientName).RemoveAllLoggers()
            .ConfigurePrimaryHttpMessageHandler(provider => provider.GetRequiredService<WebhookConnections>().MakeHandler());
        services.AddHttpClient(WebhookConnections.OwnClientName).RemoveAllLoggers()
            .ConfigurePrimaryHttpMessageHandler(() => WebhookConnections.MakeOwnHandler());
        services.TryAddSingleton<IWebhookPayloads, WebhookPayloads>();
        services.TryAddSingleton<WebhookCaller>();
        services.AddHostedService<WebhookSender>();
    }
}
