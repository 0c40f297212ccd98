using Microsoft.Extensions.DependencyInjection;

namespace Weft.Storage.Postgres.Tests;

/// <summary>PostgreSQL with a database of its own.</summary>
public sealed class PostgresUnderTest : StorageUnderTest
{
    private readonly Action<PostgresStorageOptions>? _configure;
    private readonly Lazy<string> _connectionString = new(() => Task.Run(() => TestDatabases.CreateAsync()).GetAwaiter().GetResult());

    public PostgresUnderTest()
    {
    }

    public PostgresUnderTest(Action<PostgresStorageOptions> configure) => _configure = configure;

    protected override void AddTo(IServiceCollection services) => services.AddWeftPostgres(options =>
    {
        options.ConnectionString = _connectionString.Value;
        _configure?.Invoke(options);
    });

    protected override void RemoveDatabase()
    {
        if (_connectionString.IsValueCreated)
        {
            Task.Run(() => TestDatabases.RemoveAsync(_connectionString.Value)).GetAwaiter().GetResult();
        }
    }
}
