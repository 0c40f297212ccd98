using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Weft.Runs;

namespace Weft.Server;

/// <summary>How API keys are checked.</summary>
public sealed class WeftApiKeyOptions : AuthenticationSchemeOptions
{
    /// <summary>
    /// How long a key that was found valid is not read from storage again. For as long a revoked key is still accepted. Default: 10
    /// seconds.
    /// </summary>
    public TimeSpan CacheTime { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The most keys that are cached. Default: 10,000.</summary>
    public int CachedKeysMax { get; set; } = 10_000;

    /// <inheritdoc />
    public override void Validate()
    {
        var result = new OptionsCheck<WeftApiKeyOptions>().NotNegative(CacheTime).Positive(CachedKeysMax).Result;
        if (result.Failed)
        {
            throw new OptionsValidationException(nameof(WeftApiKeyOptions), typeof(WeftApiKeyOptions), result.Failures);
        }
    }
}
