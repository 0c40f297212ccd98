using System.Text.Json;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.DependencyInjection;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Benchmarks;

/// <summary>A search by meaning among 100,000 items of one namespace, each with a vector of 384 dimensions, without the model.</summary>
[MemoryDiagnoser]
public class ItemSearchBenchmarks
{
    private const int Items = 100_000;
    private const int Dimensions = 384;
    private const int Batch = 500;
    private const string Space = "bench/384";

    private static readonly Actor Owner = new("bench");

    private readonly string _folder = Directory.CreateTempSubdirectory("weft-bench-").FullName;
    private readonly Random _random = new(7);
    private ServiceProvider _services = null!;

    private IItemIndex Index => _services.GetRequiredService<IItemIndex>();

    [GlobalSetup]
    public async Task SetUpAsync()
    {
        Open();
        var store = _services.GetRequiredService<IItemStore>().Open(Owner, StoreOptions.Default, TimeProvider.System);
        for (var i = 0; i < Items; i += Batch)
        {
            await Task.WhenAll(Enumerable.Range(i, Batch).Select(number => store.PutAsync(["notes"], $"{number}", ValueOf(number))));
            var entries = Enumerable.Range(i, Batch).Select(number => new ItemEntry(Owner, ItemOf(number), [NewVector()])).ToList();
            await Index.AddAsync(Space, entries, CancellationToken.None);
        }

        await WarmAsync();
    }

    [GlobalCleanup]
    public async Task CleanUpAsync()
    {
        await _services.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>The vectors are in memory.</summary>
    [Benchmark(Baseline = true)]
    public Task<IReadOnlyList<Item>> WarmAsync() => SearchAsync(new ItemQuery());

    /// <summary>One item in a hundred passes the filter.</summary>
    [Benchmark]
    public Task<IReadOnlyList<Item>> WarmWithFilterAsync() =>
        SearchAsync(new ItemQuery { Filter = ItemFilter.Parse("""{"kind":7}""") });

    /// <summary>The first search after a start reads the vectors.</summary>
    [Benchmark]
    public async Task<IReadOnlyList<Item>> ColdAsync()
    {
        await _services.DisposeAsync();
        Open();
        return await SearchAsync(new ItemQuery());
    }

    private static JsonElement ValueOf(int number) =>
        JsonElement.Parse($$"""{"kind":{{number % 100}},"text":"a note with some words in it, number {{number}}"}""");

    private static Item ItemOf(int number) =>
        Item.Create(["notes"], $"{number}", ValueOf(number), null, StoreOptions.Default, TimeProvider.System.GetUtcNow());

    private async Task<IReadOnlyList<Item>> SearchAsync(ItemQuery query)
    {
        var vector = new ItemVector(Space, NewVector());
        return (await Index.OpenSearchAsync(
            Owner, StoreOptions.Default, TimeProvider.System, ["notes"], query, vector, CancellationToken.None)).First;
    }

    private void Open() => _services = new ServiceCollection()
        .AddWeftSqlite(options => options.Path = Path.Combine(_folder, "weft.db"))
        .BuildServiceProvider();

    private ReadOnlyMemory<float> NewVector()
    {
        var vector = new float[Dimensions];
        for (var i = 0; i < Dimensions; i++)
        {
            vector[i] = (float)_random.NextDouble() - 0.5f;
        }

        var length = MathF.Sqrt(vector.Sum(value => value * value));
        return vector.Select(value => value / length).ToArray();
    }
}
