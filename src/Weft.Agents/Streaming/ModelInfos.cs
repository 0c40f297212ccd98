using Microsoft.Extensions.AI;
using Weft.Graphs;

namespace Weft.Agents;

/// <summary>Names the model of a call.</summary>
internal static class ModelInfos
{
    /// <summary>
    /// Returns the provider and the model. It is read for each call, because a <see cref="ModelSelector"/> has another one in each run.
    /// </summary>
    public static ModelInfo ModelInfoOf(this IChatClient client, ChatOptions? options)
    {
        var metadata = client.GetService<ChatClientMetadata>();
        return new ModelInfo(metadata?.ProviderName, options?.ModelId ?? metadata?.DefaultModelId);
    }
}
