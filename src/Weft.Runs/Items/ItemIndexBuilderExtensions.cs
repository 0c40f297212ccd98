using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Weft.Runs;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Configures a Weft server to search items by meaning.</summary>
public static class ItemIndexBuilderExtensions
{
    /// <summary>
    /// Ranks the items of the store by meaning when a search has a query. Without this call, no item is embedded and queries do not
    /// rank. If the builder has a configuration, its section <c>Store</c> has the members of <see cref="ItemIndexOptions"/>;
    /// <paramref name="configure"/> wins over it.
    /// </summary>
    /// <param name="builder">The server.</param>
    /// <param name="configure">Sets options in code.</param>
    /// <param name="generator">
    /// Makes or finds the embedding generator; null means the <c>IEmbeddingGenerator&lt;string, Embedding&lt;float&gt;&gt;</c> of the
    /// application's services.
    /// </param>
    public static WeftBuilder UseItemIndex(
        this WeftBuilder builder,
        Action<ItemIndexOptions>? configure = null,
        Func<IServiceProvider, IEmbeddingGenerator<string, Embedding<float>>>? generator = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        var section = builder.Configuration?.GetSection("Store");
        services.AddOptions<ItemIndexOptions>()
            .Configure(options =>
            {
                if (section is not null)
                {
                    OptionsKeys.Check<ItemIndexOptions>(section);
                    section.Bind(options);
                }

                configure?.Invoke(options);
            })
            .ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ItemIndexOptions>, ItemIndexOptionsValidation>());
        services.TryAddSingleton(provider => provider.GetRequiredService<IOptions<ItemIndexOptions>>().Value);
        services.TryAddSingleton<ItemFields>();
        services.TryAddSingleton(provider => new ItemEmbedder(
            generator?.Invoke(provider) ?? provider.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>(),
            provider.GetRequiredService<ItemIndexOptions>(),
            provider.GetRequiredService<ItemFields>(),
            provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<ItemIndexQueue>();
        services.TryAddSingleton<ItemRanking>();
        services.AddHostedService<ItemIndexer>();
        return builder;
    }
}
