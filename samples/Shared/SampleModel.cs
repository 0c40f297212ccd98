using System.ClientModel;
using Microsoft.Extensions.AI;
using OpenAI;

namespace Weft.Samples;

/// <summary>The language model of a sample.</summary>
internal static class SampleModel
{
    /// <summary>
    /// Returns a model of OpenAI, or of a server with the same API, if <c>OPENAI_API_KEY</c> is set (with <c>OPENAI_BASE_URL</c> and
    /// <c>WEFT_MODEL</c>). Otherwise returns a stand-in that says what the function returns.
    /// </summary>
    public static IChatClient Create(IConfiguration configuration, Func<IReadOnlyList<ChatMessage>, AIContent> standIn)
    {
        if (configuration["OPENAI_API_KEY"] is not { Length: > 0 } key)
        {
            return new StandInModel(standIn);
        }

        var options = new OpenAIClientOptions();
        if (configuration["OPENAI_BASE_URL"] is { Length: > 0 } address)
        {
            options.Endpoint = new Uri(address);
        }

        return new OpenAIClient(new ApiKeyCredential(key), options)
            .GetChatClient(configuration["WEFT_MODEL"] ?? "gpt-4o-mini")
            .AsIChatClient();
    }
}
