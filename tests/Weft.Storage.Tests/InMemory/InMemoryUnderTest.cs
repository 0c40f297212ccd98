using Microsoft.Extensions.DependencyInjection;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Storage.Tests;

/// <summary>An <see cref="InMemoryStore"/> for each actor; there is nothing else in memory.</summary>
public sealed class InMemoryUnderTest : StorageUnderTest
{
    protected override void AddTo(IServiceCollection services) => services.AddSingleton<IItemStore, InMemoryItems>();

    protected override void RemoveDatabase()
    {
    }

    private sealed class InMemoryItems : IItemStore
    {
        private readonly Dictionary<(Actor Actor, StoreOptions Options), InMemoryStore> _stores = [];

        public IStore Open(Actor actor, StoreOptions options, TimeProvider time) =>
            _stores.TryGetValue((actor, options), out var store) ? store : _stores[(actor, options)] = new InMemoryStore(options, time);

        public Task<int> DeleteExpiredAsync(DateTimeOffset now, CancellationToken cancellationToken) => Task.FromResult(0);
    }
}
