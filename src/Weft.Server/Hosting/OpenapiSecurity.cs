using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace Weft.Server;

/// <summary>How callers authenticate, for the OpenAPI document: with which schemes, and for which operations they must.</summary>
internal static class OpenapiSecurity
{
    private const string ApiKey = "ApiKey";
    private const string Bearer = "Bearer";

    /// <summary>Describes the schemes. An operation that does not say otherwise needs no authentication.</summary>
    public static async Task DescribeAsync(OpenApiDocument document, IServiceProvider services)
    {
        document.Security = [[]];
        foreach (var (name, scheme) in await SchemesAsync(services))
        {
            document.AddComponent(name, scheme);
        }
    }

    /// <summary>Says that callers of an operation must authenticate, with any of the schemes.</summary>
    public static async Task DescribeAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var isRequired = !metadata.OfType<IAllowAnonymous>().Any()
            && (context.ApplicationServices.GetService<ApiKeyFilter>() is not null
                || metadata.OfType<IAuthorizeData>().Any()
                || metadata.OfType<AuthorizationPolicy>().Any());
        if (isRequired && await SchemesAsync(context.ApplicationServices) is { Count: > 0 } schemes)
        {
            operation.Security =
            [
                .. schemes.Select(scheme => new OpenApiSecurityRequirement
                {
                    [new OpenApiSecuritySchemeReference(scheme.Name, context.Document)] = [],
                }),
            ];
        }
    }

    private static async Task<List<(string Name, OpenApiSecurityScheme Scheme)>> SchemesAsync(IServiceProvider services)
    {
        var schemes = services.GetService<IAuthenticationSchemeProvider>() is { } provider ? await provider.GetAllSchemesAsync() : [];
        var described = new List<(string, OpenApiSecurityScheme)>();
        if (services.GetService<ApiKeyFilter>() is not null || schemes.Any(scheme => scheme.HandlerType == typeof(ApiKeyHandler)))
        {
            described.Add((ApiKey, new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.ApiKey,
                In = ParameterLocation.Header,
                Name = WeftApiKeyDefaults.HeaderName,
                Description = "A key of the server, which it also accepts as a bearer token.",
            }));
        }

        // How callers authenticate with another scheme is known only for tokens. Policy schemes forward to one of the others.
        if (schemes.Any(scheme => scheme.HandlerType.Name.Contains(Bearer, StringComparison.Ordinal)))
        {
            described.Add((Bearer, new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                Description = "A token of an issuer that the server trusts.",
            }));
        }

        foreach (var scheme in schemes.Where(IsOther))
        {
            described.Add((scheme.Name, new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.ApiKey,
                In = ParameterLocation.Header,
                Name = "Authorization",
                Description = $"Credentials of the application, as its authentication scheme '{scheme.Name}' reads them.",
            }));
        }

        return described;
    }

    private static bool IsOther(AuthenticationScheme scheme) =>
        scheme.HandlerType != typeof(ApiKeyHandler)
        && scheme.HandlerType != typeof(PolicySchemeHandler)
        && !scheme.HandlerType.Name.Contains(Bearer, StringComparison.Ordinal);
}
