namespace Weft.Server;

/// <summary>Metadata of the routes whose answers are always streams of server-sent events.</summary>
internal sealed class StreamRoute
{
    public static StreamRoute Instance { get; } = new();
}
