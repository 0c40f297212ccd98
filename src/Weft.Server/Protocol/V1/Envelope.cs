namespace Weft.Server;

/// <summary>The JSON before and after a value of a part. It is encoded once for all readers.</summary>
/// <param name="Head">The JSON before the value.</param>
/// <param name="Tail">The JSON after the value.</param>
internal sealed record Envelope(ReadOnlyMemory<byte> Head, ReadOnlyMemory<byte> Tail);
