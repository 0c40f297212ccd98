using System.Diagnostics;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Weft.Models.Http;

namespace Weft.Models;

/// <summary>A model of the configuration. The client of its provider is made, and its assembly loaded, at the first call.</summary>
internal sealed class ConfiguredModel : IChatClient
{
    private readonly ModelOptions _options;
    private readonly ChatClientMetadata _metadata;
    private readonly Lazy<(HttpClient Http, IChatClient Client)> _provider;

    public ConfiguredModel(string name, ModelOptions options, ModelResilienceOptions resilience, ILoggerFactory loggers)
    {
        _options = options;
        var provider = options.Provider!.ToLowerInvariant();
        var model = options.Model ?? name;
        var address = new Uri(options.Endpoint ?? Providers.DefaultAddress(provider));
        _metadata = new ChatClientMetadata(Providers.TelemetryName(provider), address, model);
        _provider = new(() =>
        {
            var http = ProviderHttp.Create(name, provider, options, resilience, loggers);
            return (http, Providers.Create(provider, model, address, options, http));
        });
    }

    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        _provider.Value.Client.GetResponseAsync(messages, Complete(options), cancellationToken);

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        _provider.Value.Client.GetStreamingResponseAsync(messages, Complete(options), cancellationToken);

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is null && serviceType.IsInstanceOfType(this) ? this
        : serviceKey is null && serviceType == typeof(ChatClientMetadata) ? _metadata
        // A graph asks for these when it is built, which must not load the provider. Its client has none of them.
        : serviceType == typeof(ActivitySource) || serviceType.Namespace?.StartsWith("Weft", StringComparison.Ordinal) == true ? null
        : _provider.Value.Client.GetService(serviceType, serviceKey);

    public void Dispose()
    {
        if (_provider.IsValueCreated)
        {
            _provider.Value.Client.Dispose();
            _provider.Value.Http.Dispose();
        }
    }

    /// <summary>Adds what the configuration says and the call does not.</summary>
    private ChatOptions? Complete(ChatOptions? options)
    {
        if (_options is { MaxOutputTokens: null, Temperature: null, ReasoningEffort: null })
        {
            return options;
        }

        var call = options?.Clone() ?? new ChatOptions();
        call.MaxOutputTokens ??= _options.MaxOutputTokens;
        call.Temperature ??= _options.Temperature;
        if (_options.ReasoningEffort is { } effort)
        {
            call.Reasoning ??= new ReasoningOptions { Effort = effort };
        }

        return call;
    }
}
