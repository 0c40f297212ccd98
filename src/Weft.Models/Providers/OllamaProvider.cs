using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using OllamaSharp;

namespace Weft.Models;

/// <summary>Ollama's own API, which also has the reasoning of models.</summary>
internal static class OllamaProvider
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static IChatClient Create(string model, Uri address, HttpClient http)
    {
        // Its paths are relative, and a base address without a slash at its end would lose its last part.
        http.BaseAddress = new Uri(address.ToString().TrimEnd('/') + "/");
        // It has images of messages, and no other files.
        return new MediaResults(
            new OllamaApiClient(http, model), content => content is DataContent data && data.HasTopLevelMediaType("image"));
    }
}
