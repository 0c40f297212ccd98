using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Weft.Models.Http;

namespace Weft.Models;

/// <summary>
/// A model of embeddings of OpenAI, or of a server with the same API. Calls are repeated and limited as those of chat models are.
/// </summary>
internal sealed class ConfiguredEmbeddings : DelegatingEmbeddingGenerator<string, Embedding<float>>
{
    private readonly HttpClient _http;

    private ConfiguredEmbeddings(string model, Uri address, string? key, HttpClient http)
        : base(OpenAiProvider.CreateEmbeddings(model, address, key, http)) => _http = http;

    /// <summary>Reads <c>OPENAI_API_KEY</c> and <c>OPENAI_BASE_URL</c>. Returns null without a key.</summary>
    /// <param name="configuration">The configuration of the application.</param>
    /// <param name="model">The name of the model.</param>
    /// <returns>Makes the client.</returns>
    /// <exception cref="ModelConfigurationException">A setting is wrong.</exception>
    public static Func<ILoggerFactory, ConfiguredEmbeddings>? FindOpenAi(IConfiguration configuration, string model)
    {
        if (ModelsReader.FindOpenAi(configuration, model) is not { } options)
        {
            return null;
        }

        var resilience = ModelsReader.Read(configuration)?.Resilience ?? new ModelResilienceOptions();
        var address = new Uri(options.Endpoint ?? Providers.DefaultAddress(Providers.OpenAi));
        return loggers => new ConfiguredEmbeddings(
            model, address, options.ApiKey, ProviderHttp.Create(model, Providers.OpenAi, options, resilience, loggers));
    }

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
        {
            _http.Dispose();
        }
    }
}
