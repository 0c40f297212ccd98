using System.Security.Cryptography;
using Scalar.AspNetCore;

namespace Weft.Host;

/// <summary>The page at <c>/docs</c> that shows the OpenAPI document. It has no data of the server, and needs no authentication.</summary>
internal static class DocsPage
{
    private const string Path = "/docs";
    private const string Document = "/openapi.json";

    /// <summary>Maps the page unless the settings turn it off.</summary>
    public static void Map(WebApplication app)
    {
        if (app.Configuration.GetValue(Settings.Docs, true))
        {
            app.MapScalarApiReference(Path, Configure).AllowAnonymous().ExcludeFromDescription();
        }
    }

    /// <summary>All files of the page come from this server, and it sends nothing elsewhere.</summary>
    private static void Configure(ScalarOptions options, HttpContext http)
    {
        var nonce = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        SetHeaders(http.Response.Headers, nonce);
        options.WithTitle("Weft").WithOpenApiRoutePattern(Document).WithNonce(nonce);
        options.DefaultFonts = false;
        options.Telemetry = false;
        options.HideClientButton = true;
        options.ShowDeveloperTools = DeveloperToolsVisibility.Never;
        options.DisableAgent().DisableMcp();
    }

    /// <summary>The script adds styles to the page, so only styles may be inline.</summary>
    private static void SetHeaders(IHeaderDictionary headers, string nonce)
    {
        headers.ContentSecurityPolicy =
            $"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
            + "font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; base-uri 'self'; form-action 'none'; "
            + "frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers.CacheControl = "no-cache";
    }
}
