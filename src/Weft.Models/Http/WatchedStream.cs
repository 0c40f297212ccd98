namespace Weft.Models.Http;

/// <summary>
/// The body of an answer. A pause that is too long, and a connection that breaks, become a <see cref="ModelCallException"/>.
/// </summary>
/// <param name="body">The body that the provider sends.</param>
/// <param name="model">The name under which the model is configured.</param>
/// <param name="beginMax">The longest wait for the first piece. Some providers send their headers long before it.</param>
/// <param name="pauseMax">The longest wait for each further piece.</param>
internal sealed class WatchedStream(Stream body, string model, TimeSpan beginMax, TimeSpan pauseMax) : Stream
{
    // One for all reads, because an answer has thousands of pieces.
    private readonly CancellationTokenSource _pause = new();

    private bool _hasBegun;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            await using var registration = cancellationToken.UnsafeRegister(
                static pause => ((CancellationTokenSource)pause!).Cancel(), _pause);
            _pause.CancelAfter(_hasBegun ? pauseMax : beginMax);
            var count = await body.ReadAsync(buffer, _pause.Token);
            _pause.CancelAfter(Timeout.InfiniteTimeSpan);
            _hasBegun = true;
            return count;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (OperationCanceledException e)
        {
            var what = _hasBegun ? $"paused for more than {pauseMax} in the middle of its answer" : $"did not begin to answer within {beginMax}";
            throw new ModelCallException(model, $"The model '{model}' {what}.", null, e);
        }
        catch (IOException e)
        {
            throw new ModelCallException(model, $"The answer of the model '{model}' ended in the middle: {e.Message}", null, e);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("Answers of models are read asynchronously.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            body.Dispose();
            _pause.Dispose();
        }

        base.Dispose(disposing);
    }
}
