using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Weft.Runs;

namespace Weft.Server;

/// <summary>Authenticates callers by API keys. The user is the owner of the key.</summary>
internal sealed class ApiKeyHandler(
    IOptionsMonitor<WeftApiKeyOptions> options, ILoggerFactory loggers, UrlEncoder encoder, ApiKeyCache keys)
    : AuthenticationHandler<WeftApiKeyOptions>(options, loggers, encoder)
{
    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (WeftApiKeyDefaults.Find(Request) is not { } key)
        {
            return AuthenticateResult.NoResult();
        }

        try
        {
            return await keys.FindValidAsync(key, Options) is { } record
                ? AuthenticateResult.Success(new AuthenticationTicket(WeftApiKeyDefaults.PrincipalOf(record, Scheme.Name), Scheme.Name))
                : AuthenticateResult.Fail("The API key is unknown, revoked or expired.");
        }
        catch (StorageUnavailableException e)
        {
            return AuthenticateResult.Fail(e);
        }
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        var result = await HandleAuthenticateOnceSafeAsync();
        if (result.Failure is StorageUnavailableException storage)
        {
            await ProblemFilter.RefuseForNowAsync(Context, storage);
            return;
        }

        Response.StatusCode = StatusCodes.Status401Unauthorized;
        Response.Headers.WWWAuthenticate = result.Failure is null ? WeftApiKeyDefaults.NoCredentials : WeftApiKeyDefaults.NotValid;
    }
}
