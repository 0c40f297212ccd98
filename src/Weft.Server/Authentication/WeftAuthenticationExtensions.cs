using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.DependencyInjection.Extensions;
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
        builder.Services.TryAddSingleton<ApiKeyCache>();
        builder.Services.AddOptions<WeftApiKeyOptions>(WeftApiKeyDefaults.AuthenticationScheme).ValidateOnStart();
        return builder.AddScheme<WeftApiKeyOptions, ApiKeyHandler>(WeftApiKeyDefaults.AuthenticationScheme, configure);
    }
}
