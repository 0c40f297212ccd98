namespace Weft.Cluster;

/// <summary>A server did not answer a call. Whether it has handled the call is not known.</summary>
internal sealed class ServerUnreachableException(int server, Exception? inner = null)
    : Exception($"Server {server} of the cluster can't be reached.", inner);
