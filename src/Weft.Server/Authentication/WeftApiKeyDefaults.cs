using System.Security.Claims;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Weft.Runs;

namespace Weft.Server;

/// <summary>Names of the authentication by API keys.</summary>
public static class WeftApiKeyDefaults
{
    /// <summary>The name of the authentication scheme.</summary>
    public const string AuthenticationScheme = "WeftApiKey";

    /// <summary>The header that contains the key.</summary>
    public const string HeaderName = "x-api-key";

    /// <summary>The type of the claims that contain the permissions of a caller, one for each permission.</summary>
    public const string PermissionsClaim = "permissions";

    /// <summary>The type of the claim that contains the id of the key.</summary>
    public const string KeyIdClaim = "weft_key_id";

    /// <summary>The challenge for a request without a key.</summary>
    internal const string NoCredentials = "Bearer";

    /// <summary>The challenge for a request whose key is not valid.</summary>
    internal const string NotValid = "Bearer error=\"invalid_token\"";

    private const string Bearer = "Bearer ";

    /// <summary>
    /// Whether a request contains an API key of Weft: in the header <c>x-api-key</c>, or as bearer token. A policy scheme can forward
    /// other requests to another scheme.
    /// </summary>
    public static bool IsUsedBy(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return Find(request)?.StartsWith(ApiKeyText.Prefix, StringComparison.Ordinal) is true;
    }

    /// <summary>
    /// Returns the key of a request. The SDKs send the key of another service, which they find in the environment, in the same
    /// header, so a bearer token that is a key takes precedence over a header that is not. Null if there is neither.
    /// </summary>
    internal static string? Find(HttpRequest request)
    {
        // Of a header that is sent twice, the values together are not a key.
        var header = request.Headers[HeaderName].ToString();
        if (header.StartsWith(ApiKeyText.Prefix, StringComparison.Ordinal))
        {
            return header;
        }

        return request.Headers[HeaderNames.Authorization] is [{ } authorization]
            && authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
            && authorization.AsSpan(Bearer.Length).TrimStart().StartsWith(ApiKeyText.Prefix, StringComparison.Ordinal)
                ? authorization[Bearer.Length..].Trim()
                : header.Length > 0 ? header : null;
    }

    /// <summary>Returns the user of a key. It is made for each request, because the application may add claims to it.</summary>
    internal static ClaimsPrincipal PrincipalOf(ApiKeyRecord key, string scheme)
    {
        var identity = new ClaimsIdentity(scheme);
        identity.AddClaim(new Claim(ClaimTypes.NameIdentifier, key.Owner));
        identity.AddClaim(new Claim(ClaimTypes.Name, key.Owner));
        identity.AddClaim(new Claim(KeyIdClaim, key.Id));
        foreach (var permission in key.Permissions)
        {
            identity.AddClaim(new Claim(PermissionsClaim, permission));
        }

        return new ClaimsPrincipal(identity);
    }
}
