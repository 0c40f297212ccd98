using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace Weft.Server;

/// <summary>Serves the OpenAPI document. It is made once; only the address of the server is the request's.</summary>
internal sealed class OpenapiDocument([FromKeyedServices(Openapi.DocumentName)] IOpenApiDocumentProvider provider)
{
    private const string Placeholder = "weft:address";

    private volatile Task<string[]>? _parts;

    public async Task WriteAsync(HttpContext http)
    {
        var parts = await Parts();
        var request = http.Request;
        var address = JsonEncodedText.Encode($"{request.Scheme}://{request.Host.ToUriComponent()}{request.PathBase.ToUriComponent()}");
        http.Response.ContentType = "application/json; charset=utf-8";
        await http.Response.WriteAsync(parts[0] + address + parts[1], http.RequestAborted);
    }

    /// <summary>Callers that come at the same time may each make it; a failure is not kept.</summary>
    private Task<string[]> Parts() => _parts is { IsFaulted: false } parts ? parts : _parts = MakeAsync();

    private async Task<string[]> MakeAsync()
    {
        var document = await provider.GetOpenApiDocumentAsync(CancellationToken.None);
        document.Servers = [new OpenApiServer { Url = Placeholder }];
        using var text = new MemoryStream();
        await document.SerializeAsJsonAsync(text, OpenApiSpecVersion.OpenApi3_1);
        return Encoding.UTF8.GetString(text.ToArray()).Split(Placeholder);
    }
}
