using Microsoft.AspNetCore.Authentication.JwtBearer;
using Weft.Server;

namespace Weft.Host.Authentication;

/// <summary>Authenticates callers as the settings say. Without settings everyone is anonymous.</summary>
internal static class HostAuthentication
{
    /// <summary>The scheme that chooses one of the others by the headers of a request.</summary>
    private const string ByHeader = "Weft";

    public static void Add(WebApplicationBuilder builder, WeftBuilder weft, AuthSettings settings)
    {
        void Configure(WeftApiKeyOptions options)
        {
            options.CacheTime = settings.ApiKeys.CacheTime;
            options.CachedKeysMax = settings.ApiKeys.CachedKeysMax;
        }

        var hasKeys = settings.ApiKeys.Enabled;
        if (settings.Jwt.Authority is null)
        {
            if (hasKeys)
            {
                weft.RequireApiKeys(Configure);
            }

            return;
        }

        builder.Services.AddAuthorization();
        // The handlers log each refused call with the level Information; callers decide how many those are.
        builder.Logging.AddFilter("Weft.Server.ApiKeyHandler", LogLevel.Warning);
        // One scheme alone is the default, because each scheme that forwards costs every call some microseconds.
        var authentication = builder.Services.AddAuthentication(hasKeys ? ByHeader : JwtBearerDefaults.AuthenticationScheme);
        if (hasKeys)
        {
            authentication.AddPolicyScheme(ByHeader, null, options => options.ForwardDefaultSelector = http =>
                WeftApiKeyDefaults.IsUsedBy(http.Request)
                    ? WeftApiKeyDefaults.AuthenticationScheme
                    : JwtBearerDefaults.AuthenticationScheme);
            authentication.AddWeftApiKeys(Configure);
        }

        JwtAuthentication.Add(authentication, settings.Jwt);
    }

    /// <summary>Requires authentication for the API. Health, metrics and the open routes of the API do not need it.</summary>
    public static void Require(IEndpointConventionBuilder api, AuthSettings settings)
    {
        if (settings.Jwt.Authority is not null)
        {
            api.RequireAuthorization();
        }
    }
}
