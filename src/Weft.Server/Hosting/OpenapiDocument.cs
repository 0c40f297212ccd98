using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace Weft.Server;

/// <summary>Serves the OpenAPI document. It is generated once; only the address of the server is set for each request.</summary>
internal sealed class OpenapiDocument([FromKeyedServices(Openapi.DocumentName)] IOpenApiDocumentProvider provider)
{
    private const string Placeholder = "weft:address";

    private readonly Lock _gate = new();
    private Task<string[]>? _parts;

    public async Task WriteAsync(HttpContext http)
    {
        var parts = await GetPartsAsync();
        var request = http.Request;
        var address = JsonEncodedText.Encode($"{request.Scheme}://{request.Host.ToUriComponent()}{request.PathBase.ToUriComponent()}");
        http.Response.ContentType = "application/json; charset=utf-8";
        await http.Response.WriteAsync(parts[0] + address + parts[1], http.RequestAborted);
    }

    /// <summary>Returns the texts before and after the address. A failure is not kept.</summary>
    private Task<string[]> GetPartsAsync()
    {
        lock (_gate)
        {
            return _parts is { IsFaulted: false } parts ? parts : _parts = Task.Run(GenerateAsync);
        }
    }

    private async Task<string[]> GenerateAsync()
    {
        var document = await provider.GetOpenApiDocumentAsync(CancellationToken.None);
        document.Servers = [new OpenApiServer { Url = Placeholder }];
        using var text = new MemoryStream();
        await document.SerializeAsJsonAsync(text, OpenApiSpecVersion.OpenApi3_1);
        return Encoding.UTF8.GetString(text.ToArray()).Split(Placeholder);
    }
}
