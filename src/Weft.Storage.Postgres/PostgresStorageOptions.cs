namespace Weft.Storage.Postgres;

/// <summary>Where and how PostgreSQL keeps the data.</summary>
public sealed class PostgresStorageOptions
{
    /// <summary>
    /// The connection string, in the form of Npgsql: <c>Host=localhost;Database=weft;Username=weft</c>. It may name several hosts:
    /// connections then go to the primary server.
    /// </summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>
    /// A connection string that leads to the server itself, if <see cref="ConnectionString"/> leads to a pooler that shares
    /// connections between transactions, such as PgBouncer. Connections through the pooler then set nothing for their session, and
    /// prepare statements only if <see cref="ConnectionString"/> sets <c>Max Auto Prepare</c>. Null if there is no pooler, which is
    /// the default.
    /// </summary>
    public string? DirectConnectionString { get; set; }

    /// <summary>The schema of the tables; letters, digits and underscores. It is created if it is missing. Default: <c>weft</c>.</summary>
    public string Schema { get; set; } = "weft";

    /// <summary>
    /// Whether to migrate the database to this version's schema when it is opened. If false, a database with an older schema is
    /// refused. Default: true.
    /// </summary>
    public bool ApplyMigrations { get; set; } = true;

    /// <summary>The durability of a commit. Default: <see cref="PostgresDurability.Server"/>.</summary>
    public PostgresDurability Durability { get; set; } = PostgresDurability.Server;

    /// <summary>
    /// Whether times of what is stored follow the clock of the database, so that all servers agree when crons are due and when threads
    /// and items expire. Set it to false in a test that controls the time. Then each server uses its <see cref="TimeProvider"/>.
    /// Default: true.
    /// </summary>
    public bool UseDatabaseClock { get; set; } = true;

    /// <summary>
    /// How long to wait at the start until another server has released the database. Default: 15 seconds, in which PostgreSQL
    /// notices that a machine was lost.
    /// </summary>
    public TimeSpan LockTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How long a write is repeated while the database can't be reached. Callers wait meanwhile. Default: 30 seconds.
    /// </summary>
    public TimeSpan WriteTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a read is repeated while the database can't be reached. Default: 10 seconds.</summary>
    public TimeSpan ReadTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The number of connections that commit the writes of runs in groups. A thread's writes use one of them. Default: 2. More
    /// connections mean smaller groups, which cost more.
    /// </summary>
    public int WriterCount { get; set; } = 2;

    /// <summary>The greatest number of connections for other writes. When all are in use, callers wait. Default: 4.</summary>
    public int WriteConnectionsMax { get; set; } = 4;

    /// <summary>The greatest number of connections for reads. When all are in use, callers wait. Default: 16.</summary>
    public int ReadConnectionsMax { get; set; } = 16;

    /// <summary>
    /// The greatest number of the connections for reads that searches, counts and sums use at once, so that reads of single threads and
    /// runs find one that is free. When all are in use, further searches wait. Default: 8.
    /// </summary>
    public int SearchConnectionsMax { get; set; } = 8;

    /// <summary>
    /// The greatest number of writes that wait for each of the <see cref="WriterCount"/> connections. Beyond it, callers wait.
    /// Default: 4096.
    /// </summary>
    public int QueuedWritesMax { get; set; } = 4096;

    /// <summary>The greatest number of writes in one commit. Default: 512.</summary>
    public int GroupedWritesMax { get; set; } = 512;

    /// <summary>
    /// The greatest number of bytes of bodies and events in one commit, unless one write alone has more. Default: 1 MB.
    /// </summary>
    public int GroupedBytesMax { get; set; } = 1_000_000;

    /// <summary>
    /// The greatest number of bytes of vectors of items in memory, if the database does not rank them with pgvector. A search below a
    /// namespace with more of them reads the database each time. 100,000 vectors of 384 dimensions take 80 MB. Nothing is kept if items
    /// are not searched by meaning. Default: 128 MB.
    /// </summary>
    public long CachedVectorsBytesMax { get; set; } = 128_000_000;
}

/// <summary>The durability of a commit.</summary>
public enum PostgresDurability
{
    /// <summary>
    /// As PostgreSQL's setting <c>synchronous_commit</c> says. Unless an operator changed it, a commit survives a power cut.
    /// </summary>
    Server,

    /// <summary>A commit survives a power cut of the primary server, and does not wait for synchronous standbys.</summary>
    Local,

    /// <summary>
    /// A commit survives the end of Weft's process. The end of PostgreSQL's machine may undo the commits of the last moment, but
    /// does not damage the database.
    /// </summary>
    Off,
}
