using System.ClientModel;
using System.ClientModel.Primitives;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Embeddings;

namespace Weft.Models;

/// <summary>OpenAI, servers with the same API, and Azure OpenAI.</summary>
internal static class OpenAiProvider
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static IChatClient Create(string model, Uri address, string? key, HttpClient http) =>
        new MediaResults(new ChatClient(model, KeyOf(key), Options(address, http)).AsIChatClient(), IsRead);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static IEmbeddingGenerator<string, Embedding<float>> CreateEmbeddings(string model, Uri address, string? key, HttpClient http) =>
        new EmbeddingClient(model, KeyOf(key), Options(address, http)).AsIEmbeddingGenerator();

    /// <summary>
    /// Azure's current API is that of OpenAI below <c>/openai/v1</c>
    /// (https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle). The older one has a path for each deployment.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static IChatClient CreateAzure(string model, Uri address, ModelOptions options, HttpClient http)
    {
        const string Current = "/openai/v1";
        var root = address.ToString().TrimEnd('/');
        root = root.EndsWith(Current, StringComparison.OrdinalIgnoreCase) ? root[..^Current.Length] : root;
        var path = options.ApiVersion is null ? Current : $"/openai/deployments/{Uri.EscapeDataString(model)}";
        return Create(model, new Uri(root + path), options.ApiKey, http);
    }

    /// <summary>The client leaves out other media.</summary>
    private static bool IsRead(AIContent content) => content switch
    {
        HostedFileContent => true,
        DataContent data => data.HasTopLevelMediaType("image") || data.MediaType is "audio/mpeg" or "audio/wav" or "application/pdf",
        UriContent uri => uri.HasTopLevelMediaType("image"),
        _ => false,
    };

    // The client demands a key. A server that needs none ignores it.
    private static ApiKeyCredential KeyOf(string? key) => new(key ?? "none");

    private static OpenAIClientOptions Options(Uri address, HttpClient http) => new()
    {
        Endpoint = address,
        Transport = new HttpClientPipelineTransport(http),
        // The handlers of the HTTP client repeat and limit.
        RetryPolicy = new ClientRetryPolicy(0),
        NetworkTimeout = Timeout.InfiniteTimeSpan,
    };
}
