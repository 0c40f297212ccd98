using Microsoft.AspNetCore.Authentication.JwtBearer;
using Weft.Server;

namespace Weft.Host.Authentication;

/// <summary>Authenticates callers as the settings say. Without settings everyone is anonymous.</summary>
internal static class HostAuthentication
{
    /// <summary>The scheme that chooses one of the others by the headers of a request.</summary>
    private const string ByHeader = "Weft";

    public static void Add(WebApplicationBuilder builder, AuthSettings settings)
    {
        if (!settings.IsConfigured)
        {
            return;
        }

        builder.Services.AddAuthorization();
        // The handlers log each refused call with the level Information; callers decide how many those are.
        builder.Logging.AddFilter("Weft.Server.ApiKeyHandler", LogLevel.Warning);
        var (hasKeys, hasTokens) = (settings.ApiKeys.Enabled, settings.Jwt.Authority is not null);
        // One scheme alone is the default, because each scheme that forwards costs every call some microseconds.
        var authentication = builder.Services.AddAuthentication(
            hasKeys && hasTokens ? ByHeader : hasKeys ? WeftApiKeyDefaults.AuthenticationScheme : JwtBearerDefaults.AuthenticationScheme);
        if (hasKeys && hasTokens)
        {
            authentication.AddPolicyScheme(ByHeader, null, options => options.ForwardDefaultSelector = http =>
                WeftApiKeyDefaults.IsUsedBy(http.Request)
                    ? WeftApiKeyDefaults.AuthenticationScheme
                    : JwtBearerDefaults.AuthenticationScheme);
        }

        if (hasKeys)
        {
            authentication.AddWeftApiKeys(options =>
            {
                options.CacheTime = settings.ApiKeys.CacheTime;
                options.CachedKeysMax = settings.ApiKeys.CachedKeysMax;
            });
        }

        if (hasTokens)
        {
            JwtAuthentication.Add(authentication, settings.Jwt);
        }
    }

    /// <summary>Requires authentication for the API. Health, metrics and the open routes of the API do not need it.</summary>
    public static void Require(IEndpointConventionBuilder api, AuthSettings settings)
    {
        if (settings.IsConfigured)
        {
            api.RequireAuthorization();
        }
    }
}
