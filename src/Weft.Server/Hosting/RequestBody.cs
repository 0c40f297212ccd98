using System.IO.Compression;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;

namespace Weft.Server;

/// <summary>The bytes of a request's body, decompressed as <c>Content-Encoding</c> says, up to a limit that counts them decompressed.</summary>
internal sealed class RequestBody
{
    private readonly long _bytesMax;

    public RequestBody(HttpContext http, long bytesMax)
    {
        _bytesMax = bytesMax;
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
    /// <exception cref="BadHttpRequestException">The body is too large.</exception>
    /// <exception cref="Runs.WeftException">The body can't be decompressed.</exception>
    public async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            var read = await Reader.ReadAsync(cancellationToken);
            return read.Buffer.Length <= _bytesMax ? read : throw new BadHttpRequestException("Request body too large.", StatusCodes.Status413PayloadTooLarge);
        }
        catch (Exception e) when (e is InvalidDataException or InvalidOperationException { Source: "System.IO.Compression.Brotli" })
        {
            throw Requests.Invalid("body", "It is not compressed as its content encoding says.");
        }
    }
}
