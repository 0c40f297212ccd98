using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.DependencyInjection;
using Weft.Runs;

namespace Weft.Benchmarks;

/// <summary>A thread that is stored with others in one commit, with and without metadata that the index lists.</summary>
public class ThreadCreationBenchmarks
{
    private const int Threads = 2_000;

    private readonly string _folder = Directory.CreateTempSubdirectory("weft-bench-").FullName;
    private ServiceProvider _services = null!;
    private int _number;

    [GlobalSetup]
    public void SetUp() => _services = new ServiceCollection()
        .AddWeftSqlite(options => options.Path = Path.Combine(_folder, "weft.db"))
        .BuildServiceProvider();

    [GlobalCleanup]
    public async Task CleanUpAsync()
    {
        await _services.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Threads)]
    public Task WithoutMetadataAsync() => CreateAsync(_ => "{}");

    [Benchmark(OperationsPerInvoke = Threads)]
    public Task WithThreeMembersAsync() =>
        CreateAsync(number => $$"""{"graph_id":"agent","tenant":"t{{number % 100}}","number":{{number}} }""");

    [Benchmark(OperationsPerInvoke = Threads)]
    public Task WithOneObjectAsync() =>
        CreateAsync(number => $$"""{"all":{"graph_id":"agent","tenant":"t{{number % 100}}","number":{{number}} } }""");

    private Task CreateAsync(Func<int, string> metadata)
    {
        var store = _services.GetRequiredService<IThreadStore>();
        return Task.WhenAll(Enumerable.Range(0, Threads).Select(_ => store.TryCreateAsync(
            new ThreadRecord
            {
                ThreadId = ThreadId.New(TimeProvider.System),
                Owner = "owner",
                Metadata = metadata(_number++),
                CreatedAt = TimeProvider.System.GetUtcNow(),
                UpdatedAt = TimeProvider.System.GetUtcNow(),
            },
            CancellationToken.None)));
    }
}
