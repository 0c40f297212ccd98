using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;

namespace Weft.Models;

/// <summary>Reads the models from the configuration and from the variables of the providers.</summary>
internal static class ModelsReader
{
    public const string Section = "Weft:Models";
    public const string Chat = $"{Section}:{nameof(ModelsOptions.Chat)}";

    private const string OpenAiKey = "OPENAI_API_KEY";
    private const string OpenAiAddress = "OPENAI_BASE_URL";
    private const string ModelVariable = "WEFT_MODEL";
    private const string DefaultOpenAiModel = "gpt-4o-mini";

    /// <exception cref="ModelConfigurationException">A setting is wrong or missing.</exception>
    public static ModelsOptions? Read(IConfiguration configuration)
    {
        var section = configuration.GetSection(Section);
        CheckKeys(section);
        var options = new ModelsOptions();
        section.Bind(options);
        RemoveEmpty(options);
        if (options.Chat.Count == 0)
        {
            var hasKey = configuration[OpenAiKey] is { Length: > 0 };
            if (section.AsEnumerable().FirstOrDefault(
                setting => setting.Value is { Length: > 0 } && !(hasKey && IsOfResilience(setting.Key))) is { Key: { } other })
            {
                throw new ModelConfigurationException($"{other} has no effect, because {Chat} has no model.");
            }

            return hasKey ? OfOpenAi(configuration, options) : null;
        }

        if (configuration[ModelVariable] is { Length: > 0 })
        {
            throw new ModelConfigurationException($"{ModelVariable} has no effect, because {Chat} has models. Set {Section}:Default.");
        }

        foreach (var (_, model) in options.Chat)
        {
            Complete(model, configuration);
        }

        ModelsCheck.Check(options);
        return options;
    }

    /// <summary>Settings that are empty are missing: a file of containers passes on variables that nobody has set as empty ones.</summary>
    private static void RemoveEmpty(ModelsOptions options)
    {
        options.Default = NullIfEmpty(options.Default);
        foreach (var model in options.Chat.Values)
        {
            model.Provider = NullIfEmpty(model.Provider);
            model.Model = NullIfEmpty(model.Model);
            model.Endpoint = NullIfEmpty(model.Endpoint);
            model.ApiKey = NullIfEmpty(model.ApiKey);
            model.ApiVersion = NullIfEmpty(model.ApiVersion);
        }
    }

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    /// <summary>Adds the one model of the variables of OpenAI.</summary>
    private static ModelsOptions OfOpenAi(IConfiguration configuration, ModelsOptions options)
    {
        var name = configuration[ModelVariable] is { Length: > 0 } named ? named : DefaultOpenAiModel;
        var model = new ModelOptions { Provider = Providers.OpenAi };
        Complete(model, configuration);
        options.Chat.Add(name, model);
        ModelsCheck.Check(options);
        return options;
    }

    private static bool IsOfResilience(string key) =>
        key.StartsWith($"{Section}:{nameof(ModelsOptions.Resilience)}:", StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// Returns a model of OpenAI, or of a server with the same API, with the key and the address of the variables; null if there is no
    /// key.
    /// </summary>
    /// <exception cref="ModelConfigurationException">A variable is wrong.</exception>
    public static ModelOptions? FindOpenAi(IConfiguration configuration, string model)
    {
        if (Read(configuration, OpenAiKey) is not { } key)
        {
            return null;
        }

        ModelsCheck.CheckKeyText(OpenAiKey, key);
        return new ModelOptions
        {
            Provider = Providers.OpenAi,
            Model = model,
            ApiKey = key,
            Endpoint = ReadAddress(configuration, OpenAiAddress),
        };
    }

    /// <summary>Takes what is missing from the variables that the programs of the providers use too.</summary>
    private static void Complete(ModelOptions model, IConfiguration configuration)
    {
        switch (model.Provider?.ToLowerInvariant())
        {
            case Providers.OpenAi:
                CompleteBoth(model, configuration, OpenAiKey, OpenAiAddress, Providers.DefaultAddress(Providers.OpenAi));
                break;
            case Providers.Anthropic:
                CompleteBoth(
                    model, configuration, "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", Providers.DefaultAddress(Providers.Anthropic));
                break;
            case Providers.AzureOpenAi:
                CompleteBoth(model, configuration, "AZURE_OPENAI_API_KEY", "AZURE_OPENAI_ENDPOINT", null);
                break;
            case Providers.Ollama:
                model.Endpoint ??= Read(configuration, "OLLAMA_HOST") is { } host ? OllamaAddress(host) : null;
                break;
        }
    }

    /// <summary>
    /// A key of the environment belongs to the server of the environment, or else to the provider's own, and is not sent to another one
    /// that is configured. Each resource of Azure has a server of its own, so without one in the environment the key is sent to all.
    /// </summary>
    private static void CompleteBoth(ModelOptions model, IConfiguration configuration, string key, string address, string? defaultAddress)
    {
        if (model is { Endpoint: not null, ApiKey: not null })
        {
            return;
        }

        var named = ReadAddress(configuration, address);
        if (model.Endpoint is null || (named ?? defaultAddress) is not { } owner || HaveSameServer(model.Endpoint, owner))
        {
            model.ApiKey ??= Read(configuration, key);
        }

        model.Endpoint ??= named;
    }

    private static bool HaveSameServer(string address, string other) =>
        Uri.TryCreate(address, UriKind.Absolute, out var one) && Uri.TryCreate(other, UriKind.Absolute, out var two)
        && Uri.Compare(one, two, UriComponents.SchemeAndServer, UriFormat.UriEscaped, StringComparison.OrdinalIgnoreCase) == 0;

    private static string? Read(IConfiguration configuration, string name) => NullIfEmpty(configuration[name]);

    private static string? ReadAddress(IConfiguration configuration, string name)
    {
        if (Read(configuration, name) is not { } address)
        {
            return null;
        }

        ModelsCheck.CheckAddress(name, address);
        return address;
    }

    /// <summary>The variable is where the server listens: a host, a port or both, and perhaps all interfaces of the machine.</summary>
    private static string OllamaAddress(string host)
    {
        const int Port = 11434;
        var hasScheme = host.Contains("://", StringComparison.Ordinal);
        var text = host switch
        {
            _ when hasScheme => host,
            [':', not ':', ..] => $"http://localhost{host}",
            // An address of IPv6 without a port.
            _ when host[0] != '[' && IPAddress.TryParse(host, out var ip) && ip.AddressFamily == AddressFamily.InterNetworkV6 => $"http://[{host}]",
            _ => $"http://{host}",
        };
        ModelsCheck.CheckAddress("OLLAMA_HOST", text);
        var address = new UriBuilder(text);
        if (address.Host is "0.0.0.0" or "[::]")
        {
            address.Host = "localhost";
        }

        // Looked up in the text, because a URI does not tell whether it names the default port of its scheme.
        if (!hasScheme && text.LastIndexOf(':') <= Math.Max(text.LastIndexOf(']'), "http:".Length))
        {
            address.Port = Port;
        }

        return address.Uri.ToString();
    }

    private static void CheckKeys(IConfigurationSection section)
    {
        Check(section, nameof(ModelsOptions.Default), nameof(ModelsOptions.Chat), nameof(ModelsOptions.Resilience));
        Check(
            section.GetSection(nameof(ModelsOptions.Resilience)),
            nameof(ModelResilienceOptions.RetriesMax),
            nameof(ModelResilienceOptions.RetryDelay),
            nameof(ModelResilienceOptions.RetryDelayMax),
            nameof(ModelResilienceOptions.ConnectTimeout),
            nameof(ModelResilienceOptions.AttemptTimeout),
            nameof(ModelResilienceOptions.TotalTimeout),
            nameof(ModelResilienceOptions.PauseMax),
            nameof(ModelResilienceOptions.BreakRatio),
            nameof(ModelResilienceOptions.BreakAttemptsMin),
            nameof(ModelResilienceOptions.BreakTime));
        var chat = section.GetSection(nameof(ModelsOptions.Chat));
        RefuseValue(chat);
        foreach (var model in chat.GetChildren())
        {
            Check(
                model,
                nameof(ModelOptions.Provider),
                nameof(ModelOptions.Model),
                nameof(ModelOptions.Endpoint),
                nameof(ModelOptions.ApiKey),
                nameof(ModelOptions.ApiVersion),
                nameof(ModelOptions.MaxOutputTokens),
                nameof(ModelOptions.Temperature),
                nameof(ModelOptions.ReasoningEffort));
        }
    }

    private static void Check(IConfigurationSection section, params string[] names)
    {
        RefuseValue(section);
        if (section.GetChildren().FirstOrDefault(child => !names.Contains(child.Key, StringComparer.OrdinalIgnoreCase)) is { } unknown)
        {
            throw new ModelConfigurationException($"{unknown.Path} is not an option.");
        }
    }

    // The value is not repeated, because it may be a key in the wrong place.
    private static void RefuseValue(IConfigurationSection section)
    {
        if (section.Value is { Length: > 0 })
        {
            throw new ModelConfigurationException($"{section.Path} is not an option. Options are below it.");
        }
    }
}
