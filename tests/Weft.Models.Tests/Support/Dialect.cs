using System.Text.Json;

namespace Weft.Models.Tests;

/// <summary>How a provider is reached, and how it speaks.</summary>
internal abstract class Dialect
{
    public const string Model = "tiny-1";

    public static IReadOnlyDictionary<string, Dialect> All { get; } = new Dictionary<string, Dialect>
    {
        ["openai"] = new OpenAiDialect("/v1", "/v1/chat/completions", "authorization", "Bearer {0}", "openai", null),
        ["azure-openai"] = new OpenAiDialect("", "/openai/v1/chat/completions", "api-key", "{0}", "azure.ai.openai", null),
        ["azure-openai/old"] = new OpenAiDialect(
            "/", $"/openai/deployments/{Model}/chat/completions?api-version=2024-10-21", "api-key", "{0}", "azure.ai.openai", "2024-10-21"),
        ["ollama"] = new OllamaDialect(),
        ["anthropic"] = new AnthropicDialect(),
    };

    /// <summary>What follows the address of the server in the setting.</summary>
    public abstract string EndpointPath { get; }

    /// <summary>The path and query of calls.</summary>
    public abstract string CallPath { get; }

    public abstract string KeyHeader { get; }

    public abstract string KeyFormat { get; }

    public abstract string TelemetryName { get; }

    /// <summary>Whether its client passes on the reasoning of models.</summary>
    public abstract bool HasReasoning { get; }

    /// <summary>Whether calls have ids.</summary>
    public virtual bool HasCallIds => true;

    public virtual string? ApiVersion => null;

    public abstract Task AnswerAsync(ProviderCall call, Reply reply);

    /// <summary>Sends the beginning of a stream, which ends there.</summary>
    public abstract Task BeginAsync(ProviderCall call, string text);

    public virtual string Error(string message) => $$$"""{"error":{"message":{{{Json(message)}}},"type":"error","code":null}}""";

    protected static string Json(string text) => JsonSerializer.Serialize(text);
}
