using Microsoft.Extensions.AI;

namespace Weft.Runs;

/// <summary>Makes vectors of texts with the application's embedding generator.</summary>
internal sealed class ItemEmbedder
{
    private readonly IEmbeddingGenerator<string, Embedding<float>> _generator;
    private readonly ItemIndexOptions _options;
    private readonly TimeProvider _time;
    private readonly int _dimensions;

    /// <exception cref="InvalidOperationException">The number of dimensions is not known.</exception>
    public ItemEmbedder(
        IEmbeddingGenerator<string, Embedding<float>> generator, ItemIndexOptions options, ItemFields fields, TimeProvider time)
    {
        _generator = generator;
        _options = options;
        _time = time;
        var metadata = generator.GetService(typeof(EmbeddingGeneratorMetadata)) as EmbeddingGeneratorMetadata;
        _dimensions = options.Dimensions ?? metadata?.DefaultModelDimensions ?? throw new InvalidOperationException(
            "ItemIndexOptions.Dimensions must be set, because the embedding generator does not state how many dimensions "
                + "its vectors have.");
        var model = options.Model ?? metadata?.DefaultModelId ?? generator.GetType().Name;
        Space = $"{model}/{_dimensions} {fields.Name}";
    }

    /// <summary>The space of the vectors: the model, their dimensions, and what it is given.</summary>
    public string Space { get; }

    /// <summary>Returns a vector of length 1 for each text.</summary>
    /// <exception cref="InvalidOperationException">The generator returned other vectors than it should.</exception>
    /// <exception cref="TimeoutException">The generator takes too long.</exception>
    public async Task<IReadOnlyList<ReadOnlyMemory<float>>> EmbedAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(_options.EmbeddingTimeout, _time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            // The generator may ignore the token.
            var made = await _generator.GenerateAsync(texts, cancellationToken: stop.Token).WaitAsync(stop.Token);
            return made.Count == texts.Count
                ? [.. made.Select(embedding => Normalize(embedding.Vector))]
                : throw new InvalidOperationException($"The generator returned {made.Count} vectors for {texts.Count} texts.");
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"The embedding generator took longer than {_options.EmbeddingTimeout}.");
        }
    }

    private ReadOnlyMemory<float> Normalize(ReadOnlyMemory<float> vector)
    {
        if (vector.Length != _dimensions)
        {
            throw new InvalidOperationException($"The generator returned a vector of {vector.Length} dimensions instead of {_dimensions}.");
        }

        var values = vector.ToArray();
        var sum = 0f;
        foreach (var value in values)
        {
            sum += value * value;
        }

        if (!float.IsFinite(sum))
        {
            throw new InvalidOperationException("The generator returned a vector with a number that is not finite.");
        }

        var length = sum > 0 ? MathF.Sqrt(sum) : 1;
        for (var i = 0; i < values.Length; i++)
        {
            values[i] /= length;
        }

        return values;
    }
}
