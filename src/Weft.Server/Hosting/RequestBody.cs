using System.IO.Compression;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Weft.Server;

/// <summary>
/// The bytes of a request's body, decompressed as <c>Content-Encoding</c> says, with a limit of (decompressed) size and one of
/// time.
/// </summary>
internal sealed class RequestBody : IDisposable
{
    private readonly HttpContext _http;
    private readonly WeftServerOptions _options;
    private CancellationTokenSource? _timer;

    public RequestBody(HttpContext http, WeftServerOptions options)
    {
        _http = http;
        _options = options;
        Reader = Decompress(http.Request.Headers.ContentEncoding.ToString().Trim(), http.Request.Body) is { } decompressed
            ? PipeReader.Create(decompressed)
            : http.Request.BodyReader;
    }

    public PipeReader Reader { get; }

    /// <summary>Reads more of the body. The caller consumes nothing before it has the whole body.</summary>
    /// <exception cref="BadHttpRequestException">The body is too large or arrives too slowly.</exception>
    /// <exception cref="Runs.WeftException">The body can't be decompressed.</exception>
    public async ValueTask<ReadResult> ReadAsync()
    {
        try
        {
            var read = await ReadInTimeAsync();
            if (read is { IsCompleted: true, Buffer.IsEmpty: true } && IsCompressed && HasBody)
            {
                // What is cut off before its first byte is decompressed to nothing.
                throw NotCompressed();
            }

            return read.Buffer.Length <= _options.RequestBodyBytesMax
                ? read
                : throw new BadHttpRequestException("Request body too large.", StatusCodes.Status413PayloadTooLarge);
        }
        catch (Exception e) when (e is InvalidDataException or InvalidOperationException { Source: "System.IO.Compression.Brotli" })
        {
            throw NotCompressed();
        }
    }

    private bool IsCompressed => Reader != _http.Request.BodyReader;

    private bool HasBody => _http.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody is true;

    public void Dispose()
    {
        _timer?.Dispose();
        if (IsCompressed)
        {
            // Returns the buffers of the decompression; the reader of the request itself belongs to the server.
            Reader.Complete();
        }
    }

    private static Runs.WeftException NotCompressed() =>
        Requests.Invalid("body", "It is not compressed as its content encoding says.");

    private static Stream? Decompress(string encoding, Stream body) => encoding.ToUpperInvariant() switch
    {
        "" or "IDENTITY" => null,
        "GZIP" or "X-GZIP" => new GZipStream(body, CompressionMode.Decompress),
        "BR" => new BrotliStream(body, CompressionMode.Decompress),
        "DEFLATE" => new ZLibStream(body, CompressionMode.Decompress),
        _ => throw new BadHttpRequestException(
            $"The content encoding '{encoding}' is none of gzip, br, deflate.", StatusCodes.Status415UnsupportedMediaType),
    };

    /// <summary>Reads more. Most bodies arrive with their request, so a timer is created only when a read has to wait.</summary>
    private async ValueTask<ReadResult> ReadInTimeAsync()
    {
        var reading = Reader.ReadAsync(_http.RequestAborted);
        if (!reading.IsCompleted && _timer is null)
        {
            _timer = new CancellationTokenSource(_options.RequestBodyTimeout, _http.RequestServices.GetRequiredService<TimeProvider>());
            _timer.Token.UnsafeRegister(static reader => ((PipeReader)reader!).CancelPendingRead(), Reader);
        }

        var read = await reading;
        return read.IsCanceled
            ? throw new BadHttpRequestException(
                $"The request body did not arrive within {_options.RequestBodyTimeout}.", StatusCodes.Status408RequestTimeout)
            : read;
    }
}
