namespace Weft.Models;

/// <summary>Checks options of models, so that a wrong one is found when the application starts.</summary>
internal static class ModelsCheck
{
    private static readonly TimeSpan TimeMax = TimeSpan.FromDays(1);

    /// <exception cref="ModelConfigurationException">An option is wrong or missing.</exception>
    public static void Check(ModelsOptions options)
    {
        foreach (var (name, model) in options.Chat)
        {
            Check($"{ModelsReader.Chat}:{name}", model);
        }

        var names = string.Join(", ", options.Chat.Keys);
        if (options.Default is null ? options.Chat.Count > 1 : !options.Chat.ContainsKey(options.Default))
        {
            var was = options.Default is null ? "" : $" (was '{options.Default}')";
            throw new ModelConfigurationException($"{ModelsReader.Section}:Default must be one of {names}{was}.");
        }

        Check(options.Resilience);
    }

    /// <exception cref="ModelConfigurationException">It is not an address of a server, or it contains a password.</exception>
    public static void CheckAddress(string setting, string address)
    {
        if (address.Contains('@', StringComparison.Ordinal))
        {
            throw new ModelConfigurationException($"{setting} must not contain a user or a password.");
        }

        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
        {
            throw new ModelConfigurationException($"{setting} must be an address that begins with http:// or https:// (was '{address}').");
        }
    }

    /// <exception cref="ModelConfigurationException">It can't be a key.</exception>
    public static void CheckKeyText(string setting, string key)
    {
        // It becomes a header. Line breaks come from files that were read as a whole.
        if (key.Any(c => c is < '!' or > '~'))
        {
            throw new ModelConfigurationException($"{setting} must be visible ASCII characters without blanks.");
        }
    }

    private static void Check(string path, ModelOptions model)
    {
        if (!Providers.Names.Contains(model.Provider, StringComparer.OrdinalIgnoreCase))
        {
            var was = model.Provider is null ? "" : $" (was '{model.Provider}')";
            throw new ModelConfigurationException($"{path}:Provider must be one of {string.Join(", ", Providers.Names)}{was}.");
        }

        var provider = model.Provider!.ToLowerInvariant();
        if (model.Endpoint is { } address)
        {
            CheckAddress($"{path}:Endpoint", address);
        }

        if (provider == Providers.AzureOpenAi && model.Endpoint is null)
        {
            throw new ModelConfigurationException($"{path}:Endpoint must be set, or AZURE_OPENAI_ENDPOINT.");
        }

        if (provider != Providers.AzureOpenAi && model.ApiVersion is not null)
        {
            throw new ModelConfigurationException(
                $"{path}:ApiVersion has no effect, because {path}:Provider is not {Providers.AzureOpenAi}.");
        }

        if (provider == Providers.Anthropic && model.Temperature is not null)
        {
            throw new ModelConfigurationException($"{path}:Temperature has no effect, because the client of {provider} does not send it.");
        }

        CheckKey(path, provider, model);
        if (model.MaxOutputTokens is < 1)
        {
            throw new ModelConfigurationException($"{path}:MaxOutputTokens must be greater than 0 (was {model.MaxOutputTokens}).");
        }

        if (model.Temperature is not (null or (>= 0 and <= 2)))
        {
            throw new ModelConfigurationException($"{path}:Temperature must be at least 0 and at most 2 (was {model.Temperature}).");
        }
    }

    private static void CheckKey(string path, string provider, ModelOptions model)
    {
        var needsKey = provider is Providers.Anthropic or Providers.AzureOpenAi || (provider == Providers.OpenAi && model.Endpoint is null);
        if (needsKey && string.IsNullOrWhiteSpace(model.ApiKey))
        {
            var variable = provider switch
            {
                Providers.AzureOpenAi => ", or AZURE_OPENAI_API_KEY",
                _ when model.Endpoint is not null => "",
                Providers.Anthropic => ", or ANTHROPIC_API_KEY",
                _ => ", or OPENAI_API_KEY",
            };
            throw new ModelConfigurationException($"{path}:ApiKey must be set{variable}.");
        }

        if (model.ApiKey is { } key)
        {
            CheckKeyText($"{path}:ApiKey", key);
        }
    }

    private static void Check(ModelResilienceOptions options)
    {
        const string Path = $"{ModelsReader.Section}:{nameof(ModelsOptions.Resilience)}";
        Require(options.RetriesMax is >= 0 and <= 100, nameof(options.RetriesMax), "at least 0 and at most 100", options.RetriesMax);
        RequireTime(options.RetryDelay, TimeSpan.FromMilliseconds(1), nameof(options.RetryDelay));
        RequireTime(options.RetryDelayMax, options.RetryDelay, nameof(options.RetryDelayMax));
        RequireTime(options.ConnectTimeout, TimeSpan.FromMilliseconds(10), nameof(options.ConnectTimeout));
        RequireTime(options.AttemptTimeout, TimeSpan.FromMilliseconds(10), nameof(options.AttemptTimeout));
        RequireTime(options.TotalTimeout, options.AttemptTimeout, nameof(options.TotalTimeout));
        RequireTime(options.PauseMax, TimeSpan.FromMilliseconds(10), nameof(options.PauseMax));
        Require(options.BreakRatio is >= 0 and <= 1, nameof(options.BreakRatio), "at least 0 and at most 1", options.BreakRatio);
        Require(options.BreakAttemptsMin >= 2, nameof(options.BreakAttemptsMin), "at least 2", options.BreakAttemptsMin);
        RequireTime(options.BreakTime, TimeSpan.FromSeconds(0.5), nameof(options.BreakTime));

        static void RequireTime(TimeSpan value, TimeSpan min, string name) =>
            Require(value >= min && value <= TimeMax, name, $"at least {min} and at most {TimeMax}", value);

        static void Require(bool isMet, string name, string rule, object value)
        {
            if (!isMet)
            {
                throw new ModelConfigurationException(
                    FormattableString.Invariant($"{Path}:{name} must be {rule} (was {value})."));
            }
        }
    }
}
