using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Weft.Runs;
using Weft.Server;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the authentication schemes of Weft.</summary>
public static class WeftAuthenticationExtensions
{
    /// <summary>
    /// Adds authentication by API keys, which callers send in the header <c>x-api-key</c>, or as bearer token. <c>ApiKeysFacade</c>
    /// creates and revokes keys. The name identifier of the user is the owner of the key; claims of type <c>permissions</c> have its
    /// permissions.
    /// </summary>
    /// <param name="builder">The authentication of the application.</param>
    /// <param name="configure">Sets options.</param>
    public static AuthenticationBuilder AddWeftApiKeys(this AuthenticationBuilder builder, Action<WeftApiKeyOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.TryAddSingleton<SharedClock>();
        builder.Services.TryAddSingleton<ApiKeyCache>();
        builder.Services.AddOptions<WeftApiKeyOptions>(WeftApiKeyDefaults.AuthenticationScheme).ValidateOnStart();
        return builder.AddScheme<WeftApiKeyOptions, ApiKeyHandler>(WeftApiKeyDefaults.AuthenticationScheme, configure);
    }

    /// <summary>
    /// Requires an API key for each call of Weft's API, except <c>/ok</c>, <c>/info</c> and <c>/openapi.json</c>. It is for
    /// applications whose callers have nothing but keys: it needs no other authentication, and costs less than the scheme of
    /// <see cref="AddWeftApiKeys"/>.
    /// </summary>
    /// <param name="builder">The server.</param>
    /// <param name="configure">Sets options.</param>
    public static WeftBuilder RequireApiKeys(this WeftBuilder builder, Action<WeftApiKeyOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.TryAddSingleton<ApiKeyCache>();
        builder.Services.TryAddSingleton<ApiKeyFilter>();
        builder.Services.AddOptions<WeftApiKeyOptions>()
            .Configure(options => configure?.Invoke(options))
            .Validate(static options =>
            {
                options.Validate();
                return true;
            })
            .ValidateOnStart();
        return builder;
    }
}
