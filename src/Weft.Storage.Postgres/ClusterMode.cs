namespace Weft.Storage.Postgres;

/// <summary>If it is registered, the server is one of a cluster, so its database is reserved for the cluster.</summary>
internal sealed class ClusterMode;
