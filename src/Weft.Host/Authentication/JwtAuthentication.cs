using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.Tokens;
using Weft.Server;

namespace Weft.Host.Authentication;

/// <summary>Authenticates callers by tokens of an OpenID Connect issuer, whose keys are read from its discovery document.</summary>
internal static class JwtAuthentication
{
    private const string RetrySeconds = "5";

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
            OnChallenge = async context =>
            {
                if (context.AuthenticateFailure is not null && !await HasIssuerAsync(context))
                {
                    context.HandleResponse();
                    context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                    context.Response.Headers.RetryAfter = RetrySeconds;
                    await context.Response.WriteAsJsonAsync(
                        new Dictionary<string, string> { ["detail"] = "The issuer of the token can't be reached." });
                }
            },
        };
    });

    /// <summary>
    /// Whether the keys of the issuer are known. A token that is checked without them fails like one of another issuer.
    /// </summary>
    private static async Task<bool> HasIssuerAsync(JwtBearerChallengeContext context)
    {
        try
        {
            return await context.Options.ConfigurationManager!.GetConfigurationAsync(context.HttpContext.RequestAborted) is not null;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

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
