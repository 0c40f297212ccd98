namespace Weft.Runs;

/// <summary>This server among those of its cluster.</summary>
internal sealed class ServerIdentity
{
    private volatile object? _key;

    /// <summary>The key of this server, which is new with each start; null if it is alone.</summary>
    public int? Key => (int?)_key;

    /// <summary>Sets the key. It is called once, before the server handles its first run.</summary>
    public void Join(int key) => _key = key;
}
