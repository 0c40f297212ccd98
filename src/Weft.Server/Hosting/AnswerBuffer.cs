using System.Buffers;
using System.IO.Pipelines;

namespace Weft.Server;

/// <summary>
/// Holds the part of a response that has not been sent. The response is sent in small pieces, and each waits until the client has
/// received the one before. So a client that does not read costs at most the memory of one item of a list.
/// </summary>
internal sealed class AnswerBuffer : IBufferWriter<byte>, IDisposable
{
    /// <summary>Up to this size nothing is sent, so that an early failure can still become an error response.</summary>
    public const int SendBytesMin = 64 * 1024;

    private const int PieceBytesMin = 16 * 1024;
    private const int PieceBytesMax = 4 * 1024 * 1024;

    // The pool keeps returned arrays for each thread and each size, so larger ones would take too much memory.
    private const int PooledBytesMax = 128 * 1024;

    private readonly List<(byte[] Bytes, int Length)> _pieces = [];
    private byte[] _last = [];
    private int _used;

    /// <summary>The number of bytes that have not been sent.</summary>
    public long Length { get; private set; }

    /// <inheritdoc />
    public void Advance(int count)
    {
        _used += count;
        Length += count;
    }

    /// <inheritdoc />
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (_last.Length - _used < Math.Max(sizeHint, 1))
        {
            Close();
            // Pieces grow with the item, because the rest of a piece is wasted when the next value does not fit into it.
            _last = Rent((int)Math.Max(sizeHint, Math.Clamp(Length, PieceBytesMin, PieceBytesMax)));
        }

        return _last.AsMemory(_used);
    }

    /// <inheritdoc />
    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <summary>Sends the content and clears the buffer. Waits while the client is slow.</summary>
    public async ValueTask SendAsync(PipeWriter output, CancellationToken cancellationToken)
    {
        Close();
        for (var i = 0; i < _pieces.Count; i++)
        {
            var (bytes, length) = _pieces[i];
            for (var start = 0; start < length; start += SendBytesMin)
            {
                await output.WriteAsync(bytes.AsMemory(start, Math.Min(SendBytesMin, length - start)), cancellationToken);
            }

            _pieces[i] = default;
            Return(bytes);
        }

        _pieces.Clear();
        Length = 0;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        Close();
        foreach (var (bytes, _) in _pieces)
        {
            Return(bytes);
        }

        _pieces.Clear();
    }

    private void Close()
    {
        if (_used > 0)
        {
            _pieces.Add((_last, _used));
        }
        else
        {
            Return(_last);
        }

        (_last, _used) = ([], 0);
    }

    private static byte[] Rent(int size) =>
        size <= PooledBytesMax ? ArrayPool<byte>.Shared.Rent(size) : GC.AllocateUninitializedArray<byte>(size);

    private static void Return(byte[]? bytes)
    {
        if (bytes?.Length is > 0 and <= PooledBytesMax)
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }
}
