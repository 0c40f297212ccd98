using Microsoft.Extensions.AI;
using Weft.Embeddings.Local;

namespace Weft.Embeddings.Tests;

public sealed class LocalEmbeddingGeneratorTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Texts_are_ranked_by_meaning_without_common_words()
    {
        using var generator = new LocalEmbeddingGenerator();
        string[] texts = ["She loves spaghetti and pizza.", "The engine of his car is broken.", "Our cat sleeps all day.", ""];

        var vectors = await generator.GenerateAsync(texts, cancellationToken: Stop);

        generator.GetService<EmbeddingGeneratorMetadata>()!.DefaultModelDimensions.ShouldBe(384);
        vectors.ShouldAllBe(vector => vector.Vector.Length == 384);
        (await NearestAsync("favourite Italian food")).ShouldBe(0);
        (await NearestAsync("vehicle repair")).ShouldBe(1);
        (await NearestAsync("pets")).ShouldBe(2);

        async Task<int> NearestAsync(string query)
        {
            var wanted = (await generator.GenerateAsync([query], cancellationToken: Stop))[0].Vector;
            return Enumerable.Range(0, 3).MaxBy(i => Similarity(wanted.Span, vectors[i].Vector.Span));
        }
    }

    [Fact]
    public async Task Long_texts_and_many_callers_are_served()
    {
        using var generator = new LocalEmbeddingGenerator();
        var longText = string.Concat(Enumerable.Repeat("Ünïcödé 🙂 words and numbers 12345, ", 500));

        var made = await Task.WhenAll(
            Enumerable.Range(0, 4).Select(_ => generator.GenerateAsync([longText, new string('x', 5_000)], cancellationToken: Stop)));

        made.SelectMany(vectors => vectors).Count(vector => float.IsFinite(vector.Vector.ToArray()[0])).ShouldBe(8);
    }

    private static float Similarity(ReadOnlySpan<float> one, ReadOnlySpan<float> other)
    {
        var sum = 0f;
        for (var i = 0; i < one.Length; i++)
        {
            sum += one[i] * other[i];
        }

        return sum;
    }
}
