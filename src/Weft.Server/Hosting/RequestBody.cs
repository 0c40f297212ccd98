using System.IO.Compression;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Weft.Server;

/// <summary>The bytes of a request's body, decompressed as <c>Content-Encoding</c> says, within limits of size (decompressed) and time.</summary>
internal sealed class RequestBody : IDisposable
{
    private readonly HttpContext _http;
    private readonly WeftServerOptions _options;
    private CancellationTokenSource? _timer;

    public RequestBody(HttpContext http, WeftServerOptions options)
    {
        _http = http;
        _options = options;
        var body = http.Request.Body;
        Reader = http.Request.Headers.ContentEncoding.ToString().Trim().ToUpperInvariant() switch
        {
            "" or "IDENTITY" => http.Request.BodyReader,
            "GZIP" or "X-GZIP" => PipeReader.Create(new GZipStream(body, CompressionMode.Decompress)),
            "BR" => PipeReader.Create(new BrotliStream(body, CompressionMode.Decompress)),
            "DEFLATE" => PipeReader.Create(new ZLibStream(body, CompressionMode.Decompress)),
            _ => throw new BadHttpRequestException(
                $"The content encoding '{http.Request.Headers.ContentEncoding}' is none of gzip, br, deflate.", StatusCodes.Status415UnsupportedMediaType),
        };
    }

    public PipeReader Reader { get; }

    /// <summary>Reads on. The caller consumes nothing before all of it is there.</summary>
    /// <exception cref="BadHttpRequestException">The body is too large or arrives too slowly.</exception>
    /// <exception cref="Runs.WeftException">The body can't be decompressed.</exception>
    public async ValueTask<ReadResult> ReadAsync()
    {
        try
        {
            var read = await ReadInTimeAsync();
            return read.Buffer.Length <= _options.RequestBodyBytesMax ? read : throw new BadHttpRequestException("Request body too large.", StatusCodes.Status413PayloadTooLarge);
        }
        catch (Exception e) when (e is InvalidDataException or InvalidOperationException { Source: "System.IO.Compression.Brotli" })
        {
            throw Requests.Invalid("body", "It is not compressed as its content encoding says.");
        }
    }

    public void Dispose() => _timer?.Dispose();

    /// <summary>Reads on. Most bodies arrive with their request: only those that do not have a timer.</summary>
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
            ? throw new BadHttpRequestException($"The request body did not arrive within {_options.RequestBodyTimeout}.", StatusCodes.Status408RequestTimeout)
            : read;
    }
}
