namespace Weft.Server;

/// <summary>Metadata of the endpoints that speak JSON-RPC 2.0. Their errors have its shape.</summary>
internal sealed class JsonRpcRoute
{
    public static JsonRpcRoute Instance { get; } = new();
}
