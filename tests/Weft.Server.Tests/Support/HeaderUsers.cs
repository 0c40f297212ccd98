using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Weft.Server.Tests;

/// <summary>
/// Authentication by the header <c>x-user</c>, which names who calls. The header <c>x-permissions</c> has permissions, separated by
/// spaces.
/// </summary>
public sealed class HeaderUsers(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public static void Add(IServiceCollection services)
    {
        services.AddAuthentication("header").AddScheme<AuthenticationSchemeOptions, HeaderUsers>("header", null);
        services.AddAuthorization();
    }

    protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(
        Request.Headers["x-user"] is [{ Length: > 0 } name]
            ? AuthenticateResult.Success(
                new AuthenticationTicket(
                    new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, name), .. Permissions()], "header")), "header"))
            : AuthenticateResult.NoResult());

    private IEnumerable<Claim> Permissions() => Request.Headers["x-permissions"].ToString()
        .Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .Select(static permission => new Claim(WeftApiKeyDefaults.PermissionsClaim, permission));
}
