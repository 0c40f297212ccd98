namespace Weft.Storage.Sqlite;

/// <summary>
/// Copies many short pieces into a few arrays, because thousands of small arrays would keep the garbage collector busy.
/// </summary>
internal sealed class ByteCopies
{
    private const int ArrayLength = 64 * 1024;

    private Memory<byte> _free;

    public ReadOnlyMemory<byte> Add(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > _free.Length)
        {
            _free = GC.AllocateUninitializedArray<byte>(Math.Max(ArrayLength, bytes.Length));
        }

        var copy = _free[..bytes.Length];
        bytes.CopyTo(copy.Span);
        _free = _free[bytes.Length..];
        return copy;
    }
}
