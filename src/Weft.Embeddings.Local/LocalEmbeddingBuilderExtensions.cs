using Weft.Embeddings.Local;
using Weft.Runs;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Configures a Weft server to rank items with a model on this machine.</summary>
public static class LocalEmbeddingBuilderExtensions
{
    /// <summary>
    /// Ranks the items of the store by meaning with <see cref="LocalEmbeddingGenerator"/>. No text leaves the machine.
    /// </summary>
    /// <param name="builder">The server.</param>
    /// <param name="configure">Sets options in code.</param>
    public static WeftBuilder UseLocalItemIndex(this WeftBuilder builder, Action<ItemIndexOptions>? configure = null) =>
        builder.UseItemIndex(configure, _ => new LocalEmbeddingGenerator());
}
