namespace Weft.Storage.Postgres;

/// <summary>How a program uses the database, which decides about its lock.</summary>
internal enum DatabaseUse
{
    /// <summary>A server that is alone. No other server may use the database.</summary>
    Alone,

    /// <summary>A server of a cluster. Other servers of the cluster may use the database.</summary>
    Cluster,

    /// <summary>A program that executes no runs. It takes the lock only to migrate the database.</summary>
    Guest,
}
