using System.Runtime.CompilerServices;
using Anthropic;
using Anthropic.Core;
using Microsoft.Extensions.AI;

namespace Weft.Models;

/// <summary>Anthropic's API of messages.</summary>
internal static class AnthropicProvider
{
    private const int MaxOutputTokens = 8192;

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static IChatClient Create(string model, Uri address, ModelOptions options, HttpClient http)
    {
        var client = new AnthropicClient(new ClientOptions
        {
            HttpClient = http,
            ApiKey = options.ApiKey,
            BaseUrl = address.ToString().TrimEnd('/'),
            // The handlers of the HTTP client repeat and limit.
            MaxRetries = 0,
            Timeout = TimeSpan.FromDays(1),
        });
        return client.AsIChatClient(model, options.MaxOutputTokens ?? MaxOutputTokens);
    }
}
