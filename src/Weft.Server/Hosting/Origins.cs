using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Http;

namespace Weft.Server;

/// <summary>The origins whose pages may call the API.</summary>
internal sealed class Origins
{
    public const string RefusalWithoutOrigin =
        "A page of another origin may change something only with a request that names its origin, such as one of fetch().";

    private const string Any = "*";

    private static readonly string[] ExposedHeaders =
        ["Content-Location", "Location", PageHeaders.Total, PageHeaders.Next, "Retry-After", "x-request-id"];
    private static readonly TimeSpan PreflightMaxAge = TimeSpan.FromMinutes(10);

    private readonly ICorsService _cors;
    private readonly ICorsPolicyProvider _policies;
    private readonly CorsPolicy _policy;

    public Origins(WeftServerOptions options, ICorsService cors, ICorsPolicyProvider policies)
    {
        _cors = cors;
        _policies = policies;
        var policy = new CorsPolicyBuilder()
            .AllowAnyHeader().AllowAnyMethod().WithExposedHeaders(ExposedHeaders).SetPreflightMaxAge(PreflightMaxAge);
        _policy = (options.CorsOrigins.Count == 0 ? policy.SetIsOriginAllowed(IsLoopback)
            : options.CorsOrigins.Contains(Any) ? policy.AllowAnyOrigin()
            : policy.WithOrigins([.. options.CorsOrigins]).SetIsOriginAllowedToAllowWildcardSubdomains().AllowCredentials()).Build();
    }

    /// <summary>Returns the policy of an endpoint: the application's if it has set one, else this server's.</summary>
    public async ValueTask<CorsPolicy> PolicyAsync(HttpContext http) => http.GetEndpoint()?.Metadata.GetMetadata<ICorsMetadata>() switch
    {
        ICorsPolicyMetadata { Policy: var policy } => policy,
        IEnableCorsAttribute enabled => await _policies.GetPolicyAsync(http, enabled.PolicyName) ?? _policy,
        _ => _policy,
    };

    /// <summary>Sets the CORS headers of a response by this server's policy, also of the response to a preflight.</summary>
    public void SetHeaders(HttpContext http) => _cors.ApplyResult(_cors.EvaluatePolicy(http, _policy), http.Response);

    /// <summary>
    /// Whether this server has served the page of this origin, with the host name of the request. A proxy may have changed that
    /// name, but browsers also send whether the origins are the same.
    /// </summary>
    public static bool IsOwn(HttpRequest request, string origin) =>
        request.Headers["Sec-Fetch-Site"] == "same-origin"
        || (Uri.TryCreate(origin, UriKind.Absolute, out var uri)
            && uri.Authority.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase));

    public static string Refusal(string origin) =>
        $"The origin '{origin}' may not call this server. WeftServerOptions.CorsOrigins names those that may.";

    private static bool IsLoopback(string origin) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri)
        && (uri.IsLoopback || uri.Host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase));
}
