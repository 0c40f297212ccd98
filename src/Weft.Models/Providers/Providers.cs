using Microsoft.Extensions.AI;

namespace Weft.Models;

/// <summary>The providers. Each has a file with the calls that load its assemblies.</summary>
internal static class Providers
{
    public const string OpenAi = "openai";
    public const string AzureOpenAi = "azure-openai";
    public const string Ollama = "ollama";
    public const string Anthropic = "anthropic";

    public static IReadOnlyList<string> Names { get; } = [OpenAi, AzureOpenAi, Ollama, Anthropic];

    /// <summary>The address of a provider that has one for everybody.</summary>
    public static string DefaultAddress(string provider) => provider switch
    {
        Anthropic => "https://api.anthropic.com",
        Ollama => "http://localhost:11434",
        _ => "https://api.openai.com/v1",
    };

    /// <summary>The name in spans, see https://opentelemetry.io/docs/specs/semconv/registry/attributes/gen-ai/.</summary>
    public static string TelemetryName(string provider) => provider == AzureOpenAi ? "azure.ai.openai" : provider;

    public static IChatClient Create(string provider, string model, Uri address, ModelOptions options, HttpClient http) => provider switch
    {
        Anthropic => AnthropicProvider.Create(model, address, options, http),
        Ollama => OllamaProvider.Create(model, address, http),
        AzureOpenAi => OpenAiProvider.CreateAzure(model, address, options, http),
        _ => OpenAiProvider.Create(model, address, options.ApiKey, http),
    };
}
