using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;

namespace Weft.Server.Tests.Webhooks;

/// <summary>A server that may call webhooks of this machine.</summary>
internal static class HookServer
{
    public static Task<TestServer> StartAsync(
        Action<WebhookOptions>? configure = null, TimeProvider? time = null, WebhookNames? names = null, string? folder = null) =>
        TestServer.StartAsync(
            folder,
            time: time,
            configure: options =>
            {
                options.Webhooks.AllowedHosts.Add("127.0.0.1");
                configure?.Invoke(options.Webhooks);
            },
            add: weft => weft.Services.AddSingleton(names ?? new WebhookNames()));

    /// <summary>Runs a graph with a webhook, and returns the id of the run.</summary>
    public static async Task<string> RunAsync(this TestServer server, Uri webhook)
    {
        var run = await server.Root.PostAsync("/runs", Bodies.Echo(more: $$""","webhook":"{{webhook}}" """));
        return run.ShouldBeOk().String("run_id");
    }

    /// <summary>Waits until the delivery of a run is as a test wants it.</summary>
    public static async Task<JsonElement> DeliveryAsync(this TestServer server, string runId, Func<JsonElement, bool> condition)
    {
        var seen = default(JsonElement);
        await Waiting.Until(
            async () =>
            {
                var answer = await server.Root.GetAsync($"/weft/webhooks/{runId}");
                return answer.Status == 200 && condition(seen = answer.Json);
            },
            "the delivery to be as expected");
        return seen;
    }
}
