using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.Tokens;
using Weft.Server;

namespace Weft.Host.Authentication;

/// <summary>Authenticates callers by tokens of an OpenID Connect issuer, whose keys are read from its discovery document.</summary>
internal static class JwtAuthentication
{
    /// <summary>The claims in which issuers put permissions, if the settings do not name one.</summary>
    private static readonly string[] PermissionClaims = ["scope", "scp", "scopes", "permissions"];

    /// <summary>Only signatures that the issuer alone can make.</summary>
    private static readonly string[] Algorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    public static void Add(AuthenticationBuilder authentication, JwtSettings settings) => authentication.AddJwtBearer(options =>
    {
        options.Authority = settings.Authority;
        options.Audience = settings.Audience;
        // The settings allow http for an issuer on this machine only.
        options.RequireHttpsMetadata = settings.Authority!.StartsWith(Uri.UriSchemeHttps, StringComparison.OrdinalIgnoreCase);
        options.MapInboundClaims = false;
        options.TokenValidationParameters.ValidAlgorithms = Algorithms;
        options.TokenValidationParameters.NameClaimType = ClaimTypes.NameIdentifier;
        options.Events = new JwtBearerEvents
        {
            OnTokenValidated = context =>
            {
                if (IdentityOf(context.Principal!, settings) is { } identity)
                {
                    context.Principal = new ClaimsPrincipal(identity);
                }
                else
                {
                    context.Fail($"The token has no claim '{settings.NameClaim}'.");
                }

                return Task.CompletedTask;
            },
        };
    });

    /// <summary>Returns the user with the claims that the server reads; null if the token does not name a user.</summary>
    private static ClaimsIdentity? IdentityOf(ClaimsPrincipal token, JwtSettings settings)
    {
        if (token.FindFirst(settings.NameClaim)?.Value is not { Length: > 0 } id)
        {
            return null;
        }

        var permissionClaims = settings.PermissionsClaim is { Length: > 0 } claim ? [claim] : PermissionClaims;
        var permissions = permissionClaims.SelectMany(token.FindAll)
            .SelectMany(found => found.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Distinct()
            .Select(permission => new Claim(WeftApiKeyDefaults.PermissionsClaim, permission));
        // Claims of the token with these two types are not kept: the settings say which ones count.
        var others = token.Claims.Where(other => other.Type is not (ClaimTypes.NameIdentifier or WeftApiKeyDefaults.PermissionsClaim));
        return new ClaimsIdentity(
            [new Claim(ClaimTypes.NameIdentifier, id), .. permissions, .. others],
            JwtBearerDefaults.AuthenticationScheme,
            ClaimTypes.NameIdentifier,
            ClaimTypes.Role);
    }
}
