namespace Weft.Server;

/// <summary>Metadata of the endpoints that open WebSockets.</summary>
internal sealed class SocketRoute
{
    public static SocketRoute Instance { get; } = new();
}
