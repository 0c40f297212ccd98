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
        if (options.Chat.Count == 0)
        {
            if (section.GetChildren().FirstOrDefault() is { } other)
            {
                throw new ModelConfigurationException($"{other.Path} has no effect, because {Chat} has no model.");
            }

            return OfOpenAi(configuration);
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

    /// <summary>The one model of the variables of OpenAI; null if there is no key.</summary>
    private static ModelsOptions? OfOpenAi(IConfiguration configuration)
    {
        if (configuration[OpenAiKey] is not { Length: > 0 })
        {
            return null;
        }

        var name = configuration[ModelVariable] is { Length: > 0 } named ? named : DefaultOpenAiModel;
        var model = new ModelOptions { Provider = Providers.OpenAi };
        Complete(model, configuration);
        var options = new ModelsOptions { Chat = { [name] = model } };
        ModelsCheck.Check(options);
        return options;
    }

    /// <summary>Takes what is missing from the variables that the programs of the providers use too.</summary>
    private static void Complete(ModelOptions model, IConfiguration configuration)
    {
        switch (model.Provider?.ToLowerInvariant())
        {
            case Providers.OpenAi:
                CompleteBoth(model, configuration, OpenAiKey, OpenAiAddress);
                break;
            case Providers.Anthropic:
                CompleteBoth(model, configuration, "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL");
                break;
            case Providers.AzureOpenAi:
                // Each resource has an address of its own, so the address alone is often configured.
                model.ApiKey ??= Read(configuration, "AZURE_OPENAI_API_KEY");
                model.Endpoint ??= ReadAddress(configuration, "AZURE_OPENAI_ENDPOINT");
                break;
            case Providers.Ollama:
                model.Endpoint ??= Read(configuration, "OLLAMA_HOST") is { } host ? OllamaAddress(host) : null;
                break;
        }
    }

    /// <summary>A key of the environment is sent to the address of the environment only, not to another server that is configured.</summary>
    private static void CompleteBoth(ModelOptions model, IConfiguration configuration, string key, string address)
    {
        if (model.Endpoint is null)
        {
            model.Endpoint = ReadAddress(configuration, address);
            model.ApiKey ??= Read(configuration, key);
        }
    }

    private static string? Read(IConfiguration configuration, string name) =>
        configuration[name] is { Length: > 0 } value ? value : null;

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
        var text = host.Contains("://", StringComparison.Ordinal) ? host : $"http://{(host.StartsWith(':') ? "localhost" : "")}{host}";
        ModelsCheck.CheckAddress("OLLAMA_HOST", text);
        var address = new UriBuilder(text);
        if (address.Host == "0.0.0.0")
        {
            address.Host = "localhost";
        }

        if (address.Uri.IsDefaultPort && !host.Contains("://", StringComparison.Ordinal))
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
