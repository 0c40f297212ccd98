namespace Weft.Server;

/// <summary>What the second protocol shows of a part, without what differs by run: ids, numbers and time.</summary>
/// <param name="method">The method, in UTF-8.</param>
/// <param name="data">The data.</param>
/// <param name="before">What comes before the data, with the name of the node where it is known.</param>
/// <param name="lifecycle">The name in the id of an event of the root's life; null for other events.</param>
internal readonly struct V2Event(byte[] method, in JsonPieces data, byte[]? before = null, byte[]? lifecycle = null)
{
    private static readonly byte[] DataOnly = [.. "\"data\":"u8];

    private readonly JsonPieces _data = data;

    public byte[] Method => method;

    public JsonPieces Data => _data;

    public byte[] BeforeData => before ?? DataOnly;

    public byte[]? Lifecycle => lifecycle;
}
