using Microsoft.Extensions.DependencyInjection;
using Weft.Runs;

namespace Weft.Storage.Postgres.Tests;

/// <summary>PostgreSQL with a database of its own.</summary>
public sealed class PostgresUnderTest : StorageUnderTest
{
    private readonly Action<PostgresStorageOptions>? _configure;
    private readonly Lazy<string> _connectionString;

    public PostgresUnderTest()
        : this(null, null)
    {
    }

    /// <param name="configure">Sets options.</param>
    /// <param name="extension">An extension that the database has. The tests are skipped on a server without it.</param>
    public PostgresUnderTest(Action<PostgresStorageOptions>? configure, string? extension = null)
    {
        _configure = configure;
        _connectionString = new(() => TestDatabases.Create(extension: extension));
    }

    public string ConnectionString => _connectionString.Value;

    /// <summary>Whether the stores are those of a server of a cluster.</summary>
    public bool IsOfCluster { get; init; }

    protected override void AddTo(IServiceCollection services)
    {
        if (IsOfCluster)
        {
            services.AddSingleton(static _ =>
            {
                var identity = new ServerIdentity();
                identity.Join(7);
                return identity;
            });
            services.AddSingleton<ClusterMode>();
        }

        services.AddWeftPostgres(options =>
        {
            options.ConnectionString = _connectionString.Value;
            _configure?.Invoke(options);
        });
    }

    protected override void RemoveDatabase()
    {
        if (_connectionString.IsValueCreated)
        {
            TestDatabases.Remove(_connectionString.Value);
        }
    }
}
