using System.ClientModel;
using Microsoft.Extensions.AI;
using OpenAI;

namespace Weft.Host.Models;

/// <summary>Creates the model that the configuration names.</summary>
internal static class ModelFactory
{
    private const string DefaultModel = "gpt-4o-mini";

    /// <summary>
    /// Creates a model of OpenAI, or of a server with the same API, if <c>OPENAI_API_KEY</c> is set (with <c>OPENAI_BASE_URL</c> and
    /// <c>WEFT_MODEL</c>, if they are set); otherwise the offline stand-in.
    /// </summary>
    /// <returns>The model, and its name for people.</returns>
    /// <exception cref="ModelException"><c>OPENAI_BASE_URL</c> is not an http or https address.</exception>
    public static (IChatClient Client, string Description) Create(IConfiguration configuration)
    {
        if (FindClient(configuration) is not { } client)
        {
            var standIn = new OfflineChatClient(TimeSpan.FromMilliseconds(15));
            return (standIn, $"{OfflineChatClient.ModelId} (built in; set OPENAI_API_KEY to use a language model)");
        }

        var model = configuration["WEFT_MODEL"] is { Length: > 0 } named ? named : DefaultModel;
        var address = configuration["OPENAI_BASE_URL"];
        return (client.GetChatClient(model).AsIChatClient(), string.IsNullOrEmpty(address) ? model : $"{model} at {address}");
    }

    /// <summary>Returns a client of OpenAI, or of a server with the same API; null if <c>OPENAI_API_KEY</c> is not set.</summary>
    /// <exception cref="ModelException"><c>OPENAI_BASE_URL</c> is not an http or https address.</exception>
    public static OpenAIClient? FindClient(IConfiguration configuration)
    {
        if (configuration["OPENAI_API_KEY"] is not { Length: > 0 } key)
        {
            return null;
        }

        var options = new OpenAIClientOptions();
        if (configuration["OPENAI_BASE_URL"] is { Length: > 0 } address)
        {
            options.Endpoint = Uri.TryCreate(address, UriKind.Absolute, out var endpoint) && endpoint.Scheme is "http" or "https"
                ? endpoint
                : throw new ModelException($"OPENAI_BASE_URL must be an address that begins with http:// or https:// (was '{address}').");
        }

        return new OpenAIClient(new ApiKeyCredential(key), options);
    }
}

/// <summary>The configuration of the model is wrong.</summary>
internal sealed class ModelException(string message) : Exception(message);
