using Weft.Server;

namespace Weft.Host.Authentication;

/// <summary>How callers are authenticated: the section <c>Weft:Auth</c>.</summary>
internal sealed class AuthSettings
{
    /// <summary>Authentication by API keys.</summary>
    public ApiKeySettings ApiKeys { get; } = new();

    /// <summary>Authentication by tokens of an OpenID Connect issuer.</summary>
    public JwtSettings Jwt { get; } = new();

    /// <summary>Whether callers have to authenticate.</summary>
    internal bool IsConfigured => ApiKeys.Enabled || Jwt.Authority is not null;

    /// <exception cref="SettingsException">A setting does not exist or is not valid.</exception>
    public static AuthSettings Read(IConfiguration configuration)
    {
        var section = configuration.GetSection(Settings.Auth);
        var settings = new AuthSettings();
        Settings.CheckMembers(section, settings);
        section.Bind(settings);
        settings.Jwt.Check();
        return settings;
    }

    public override string ToString() => (ApiKeys.Enabled, Jwt.Authority) switch
    {
        (true, { } issuer) => $"API keys, tokens of {issuer}",
        (true, null) => "API keys",
        (false, { } issuer) => $"tokens of {issuer}",
        _ => "none",
    };
}

/// <summary>Settings of API keys.</summary>
internal sealed class ApiKeySettings
{
    private static readonly WeftApiKeyOptions Defaults = new();

    /// <summary>Whether API keys are accepted.</summary>
    public bool Enabled { get; set; }

    /// <summary>See <see cref="WeftApiKeyOptions.CacheTime"/>.</summary>
    public TimeSpan CacheTime { get; set; } = Defaults.CacheTime;

    /// <summary>See <see cref="WeftApiKeyOptions.CachedKeysMax"/>.</summary>
    public int CachedKeysMax { get; set; } = Defaults.CachedKeysMax;
}

/// <summary>Settings of the issuer of tokens.</summary>
internal sealed class JwtSettings
{
    private const string Section = $"{Settings.Auth}:Jwt";

    /// <summary>The address of the issuer, below which <c>/.well-known/openid-configuration</c> is.</summary>
    public string? Authority { get; set; }

    /// <summary>The audience that tokens must have.</summary>
    public string? Audience { get; set; }

    /// <summary>The claim that identifies the user.</summary>
    public string NameClaim { get; set; } = "sub";

    /// <summary>The claim that contains the permissions of the user; null means the usual ones.</summary>
    public string? PermissionsClaim { get; set; }

    /// <exception cref="SettingsException">A setting is missing or not valid.</exception>
    public void Check()
    {
        Authority = string.IsNullOrWhiteSpace(Authority) ? null : Authority;
        Audience = string.IsNullOrWhiteSpace(Audience) ? null : Audience;
        if (Authority is null != Audience is null)
        {
            var (given, missing) = Authority is null ? (nameof(Audience), nameof(Authority)) : (nameof(Authority), nameof(Audience));
            throw new SettingsException($"{Section}:{given} needs {Section}:{missing} too.");
        }

        if (Authority is not null
            && !(Uri.TryCreate(Authority, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttps || IsLocal(uri))))
        {
            throw new SettingsException(
                $"{Section}:{nameof(Authority)} must be an address that begins with https://, or http:// on this machine "
                + $"(was '{Authority}').");
        }

        if (string.IsNullOrWhiteSpace(NameClaim))
        {
            throw new SettingsException($"{Section}:{nameof(NameClaim)} must not be empty.");
        }
    }

    private static bool IsLocal(Uri uri) => uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback;
}
