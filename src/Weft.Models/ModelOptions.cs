using Microsoft.Extensions.AI;

namespace Weft.Models;

/// <summary>A language model of a provider.</summary>
public sealed class ModelOptions
{
    /// <summary>Who serves it: <c>openai</c>, <c>azure-openai</c>, <c>ollama</c> or <c>anthropic</c>. Required.</summary>
    public string? Provider { get; set; }

    /// <summary>
    /// The provider's name of the model; for Azure OpenAI that of the deployment. Default: the name under which it is configured.
    /// </summary>
    public string? Model { get; set; }

    /// <summary>
    /// The address of the provider, such as <c>https://example.openai.azure.com</c>, or <c>http://localhost:8000/v1</c> of a server with
    /// OpenAI's API. Default: the provider's own; Azure OpenAI needs one.
    /// </summary>
    public string? Endpoint { get; set; }

    /// <summary>
    /// The key. OpenAI with an <see cref="Endpoint"/> and Ollama need none. Default: the provider's variable of the environment, unless
    /// <see cref="Endpoint"/> leads to another server than the variable of the address, or than the provider's own if that is not set.
    /// </summary>
    public string? ApiKey { get; set; }

    /// <summary>
    /// For Azure OpenAI: the version of its older API, such as <c>2024-10-21</c>. Default: none, its API <c>/openai/v1</c> is called.
    /// </summary>
    public string? ApiVersion { get; set; }

    /// <summary>The most tokens of an answer. Default: the provider's; Anthropic's API demands a number, and 8192 is sent.</summary>
    public int? MaxOutputTokens { get; set; }

    /// <summary>The sampling temperature. Anthropic has none. Default: the provider's.</summary>
    public float? Temperature { get; set; }

    /// <summary>How much the model reasons, if it can. Default: the provider's.</summary>
    public ReasoningEffort? ReasoningEffort { get; set; }
}
