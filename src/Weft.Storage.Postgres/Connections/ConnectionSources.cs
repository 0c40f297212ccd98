using Npgsql;

namespace Weft.Storage.Postgres;

/// <summary>The connections of a database: pools for writes, for reads and for membership, and connections past a pooler.</summary>
internal sealed class ConnectionSources : IAsyncDisposable
{
    // An index is used for everything. A plan that is made when the tables are empty would otherwise scan them later, too.
    private const string NoScans = "-c enable_seqscan=off";

    // Statements on arrays have one possible plan only, but PostgreSQL would otherwise plan them at each execution.
    private const string OnePlan = "-c plan_cache_mode=force_generic_plan";

    // The transaction of a process that stands still would otherwise keep its locks, for which other servers wait.
    private const string TransactionTimeout = "-c idle_in_transaction_session_timeout=10s";

    // PostgreSQL notices within 11 seconds that the machine of this connection was lost, and releases its locks.
    private const string Keepalive = "-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3";

    private const int PreparedMax = 250;
    private const int ConnectTimeout = 5;

    // A server that is slow to say that it is alive would be regarded as dead.
    private const int MembershipConnectionsMax = 3;
    private const int MembershipTimeout = 5;

    private readonly PostgresStorageOptions _options;

    public ConnectionSources(PostgresStorageOptions options)
    {
        _options = options;
        var durability = options.Durability switch
        {
            PostgresDurability.Local => " -c synchronous_commit=local",
            PostgresDurability.Off => " -c synchronous_commit=off",
            _ => "",
        };
        Writes = Build(
            options.WriterCount + options.WriteConnectionsMax, $"{NoScans} {OnePlan} {Keepalive} {TransactionTimeout}{durability}");
        Reads = Build(options.ReadConnectionsMax, $"{NoScans} {Keepalive}");
        Direct = Build(options.DirectConnectionString ?? options.ConnectionString, builder =>
        {
            builder.Pooling = false;
            AddOptions(builder, Keepalive);
        });
        Membership = Build(options.DirectConnectionString ?? options.ConnectionString, builder =>
        {
            builder.MaxPoolSize = MembershipConnectionsMax;
            builder.MinPoolSize = 0;
            builder.NoResetOnClose = true;
            builder.CommandTimeout = MembershipTimeout;
            AddOptions(builder, Keepalive);
        });
    }

    public NpgsqlDataSource Writes { get; }

    public NpgsqlDataSource Reads { get; }

    /// <summary>Connections of their own, to the server itself.</summary>
    public NpgsqlDataSource Direct { get; }

    /// <summary>A few connections for the membership of a cluster, which wait for no reads and writes of data.</summary>
    public NpgsqlDataSource Membership { get; }

    /// <summary>The database and its address, for messages.</summary>
    public static string NameOf(PostgresStorageOptions options)
    {
        var builder = new NpgsqlConnectionStringBuilder(options.DirectConnectionString ?? options.ConnectionString);
        return $"'{builder.Database ?? builder.Username}' at {builder.Host}";
    }

    public async ValueTask DisposeAsync()
    {
        await Reads.DisposeAsync();
        await Writes.DisposeAsync();
        await Direct.DisposeAsync();
        await Membership.DisposeAsync();
    }

    private NpgsqlDataSource Build(int connectionsMax, string settings) => Build(_options.ConnectionString, builder =>
    {
        builder.MaxPoolSize = connectionsMax;
        builder.MinPoolSize = 0;
        builder.NoResetOnClose = true;
        if (_options.DirectConnectionString is null)
        {
            AddOptions(builder, settings);
            if (!builder.ShouldSerialize("Max Auto Prepare"))
            {
                builder.MaxAutoPrepare = PreparedMax;
                builder.AutoPrepareMinUsages = 2;
            }
        }
    });

    private static NpgsqlDataSource Build(string connectionString, Action<NpgsqlConnectionStringBuilder> configure)
    {
        var builder = new NpgsqlSlimDataSourceBuilder(connectionString);
        var given = builder.ConnectionStringBuilder;
        builder.EnableTransportSecurity();
        builder.EnableArrays();
        given.Enlist = false;
        given.ApplicationName ??= "weft";
        if (!given.ShouldSerialize("Timeout"))
        {
            given.Timeout = ConnectTimeout;
        }

        configure(given);
        return given.Host!.Contains(',', StringComparison.Ordinal)
            ? builder.BuildMultiHost().WithTargetSession(TargetSessionAttributes.Primary)
            : builder.Build();
    }

    private static void AddOptions(NpgsqlConnectionStringBuilder builder, string settings) =>
        builder.Options = string.IsNullOrEmpty(builder.Options) ? settings : $"{settings} {builder.Options}";
}
