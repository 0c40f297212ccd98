using Weft.Models;
using Weft.Runs;

namespace Weft.Host.Models;

/// <summary>Searches the store by meaning if the configuration names a source of embeddings.</summary>
internal static class EmbeddingFactory
{
    public const string Setting = $"{Settings.Section}:Embeddings";

    private const string Store = $"{Settings.Section}:Store";
    private const string Dimensions = $"{Store}:{nameof(ItemIndexOptions.Dimensions)}";
    private const string DefaultModel = "text-embedding-3-small";

    /// <summary>Adds the index of items that <c>Weft:Embeddings</c> names: <c>openai</c>, <c>local</c> or <c>none</c>.</summary>
    /// <exception cref="ModelException">The setting is wrong, or what it needs is missing.</exception>
    /// <exception cref="ModelConfigurationException">A variable of OpenAI is wrong.</exception>
    public static void Add(WeftBuilder weft, IConfiguration configuration)
    {
        switch (configuration[Setting]?.ToLowerInvariant())
        {
            case null or "" or "none":
                if (configuration.GetSection(Store).Exists())
                {
                    throw new ModelException($"{Store} has no effect, because {Setting} is not set.");
                }

                return;
            case "openai":
                AddOpenAi(weft, configuration);
                return;
            case "local":
                AddLocal(weft);
                return;
            default:
                throw new ModelException($"{Setting} must be none, local or openai (was '{configuration[Setting]}').");
        }
    }

    private static void AddOpenAi(WeftBuilder weft, IConfiguration configuration)
    {
        var model = configuration["WEFT_EMBEDDING_MODEL"] is { Length: > 0 } named ? named : DefaultModel;
        var create = ConfiguredEmbeddings.FindOpenAi(configuration, model)
            ?? throw new ModelException($"{Setting} is openai, so OPENAI_API_KEY must be set.");
        if (DimensionsOf(model) is null && configuration[Dimensions] is null)
        {
            throw new ModelException($"{Dimensions} must be set, because the dimensions of the vectors of '{model}' are not known.");
        }

        weft.UseItemIndex(
            options =>
            {
                options.Model ??= model;
                options.Dimensions ??= DimensionsOf(model);
            },
            services => create(services.GetRequiredService<ILoggerFactory>()));
    }

    private static int? DimensionsOf(string model) => model switch
    {
        "text-embedding-3-small" or "text-embedding-ada-002" => 1_536,
        "text-embedding-3-large" => 3_072,
        _ => null,
    };

#if LOCAL_EMBEDDINGS
    private static void AddLocal(WeftBuilder weft) => weft.UseLocalItemIndex();
#else
    private static void AddLocal(WeftBuilder _) => throw new ModelException(
        $"{Setting} is local, but this program was built without the local model. Build it with -p:LocalEmbeddings=true.");
#endif
}

/// <summary>The configuration of the embedding model is wrong.</summary>
internal sealed class ModelException(string message) : Exception(message);
