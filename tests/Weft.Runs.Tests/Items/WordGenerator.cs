using Microsoft.Extensions.AI;

namespace Weft.Runs.Tests.Items;

/// <summary>An embedding generator that counts words. It can fail, refuse a text, or hold its answers.</summary>
internal sealed class WordGenerator(string model = "words") : IEmbeddingGenerator<string, Embedding<float>>
{
    public const int Dimensions = 64;

    private readonly Lock _lock = new();
    private readonly List<string> _texts = [];
    private int _calls;

    public int Calls => Volatile.Read(ref _calls);

    public bool IsDown { get; set; }

    /// <summary>A text that it refuses, with all others of the call.</summary>
    public string? Refused { get; set; }

    /// <summary>Completes when it may answer.</summary>
    public Task Answer { get; set; } = Task.CompletedTask;

    public IReadOnlyList<string> Texts
    {
        get
        {
            lock (_lock)
            {
                return [.. _texts];
            }
        }
    }

    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        var texts = values.ToList();
        Interlocked.Increment(ref _calls);
        await Answer.WaitAsync(cancellationToken);
        if (IsDown || texts.Any(text => Refused is { } refused && text.Contains(refused, StringComparison.Ordinal)))
        {
            throw new HttpRequestException("The model is down.");
        }

        lock (_lock)
        {
            _texts.AddRange(texts);
        }

        return [.. texts.Select(text => new Embedding<float>(VectorOf(text)))];
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceType == typeof(EmbeddingGeneratorMetadata) ? new EmbeddingGeneratorMetadata("test", null, model, Dimensions) : null;

    public void Dispose()
    {
    }

    private static float[] VectorOf(string text)
    {
        var vector = new float[Dimensions];
        foreach (var word in text.ToLowerInvariant().Split([' ', '"', '{', '}', ':', ','], StringSplitOptions.RemoveEmptyEntries))
        {
            vector[word.Sum(character => character * 31) % Dimensions]++;
        }

        return vector;
    }
}
