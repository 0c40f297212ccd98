using Microsoft.Extensions.Configuration;

namespace Weft.Models;

/// <summary>The language models of an application: the section <c>Weft:Models</c>.</summary>
public sealed class ModelsOptions
{
    /// <summary>
    /// The name of the model that is called if neither the run nor its assistant names one. It can be left out if there is only one.
    /// Default: none.
    /// </summary>
    public string? Default { get; set; }

    /// <summary>The models, by names of your choice. Default: none.</summary>
    public IDictionary<string, ModelOptions> Chat { get; } = new Dictionary<string, ModelOptions>();

    /// <summary>How calls that fail are repeated and limited in time.</summary>
    public ModelResilienceOptions Resilience { get; } = new();

    /// <summary>
    /// Reads the section <c>Weft:Models</c>, and the variables of the providers for what it leaves out: <c>OPENAI_API_KEY</c>,
    /// <c>AZURE_OPENAI_API_KEY</c>, <c>ANTHROPIC_API_KEY</c> and the addresses that belong to them, and <c>OLLAMA_HOST</c>. Without the
    /// section, <c>OPENAI_API_KEY</c>, <c>OPENAI_BASE_URL</c> and <c>WEFT_MODEL</c> are one model.
    /// </summary>
    /// <param name="configuration">The configuration of the application, not only the section.</param>
    /// <returns>The checked options; null if no model is configured.</returns>
    /// <exception cref="ModelConfigurationException">A setting is wrong or missing. The message names it.</exception>
    public static ModelsOptions? Read(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return ModelsReader.Read(configuration);
    }
}
