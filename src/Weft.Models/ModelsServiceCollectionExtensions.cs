using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Weft.Agents;
using Weft.Models;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the language models of the configuration.</summary>
public static class ModelsServiceCollectionExtensions
{
    /// <summary>
    /// Adds the models of the section <c>Weft:Models</c>, as <see cref="ModelsOptions.Read"/> reads it. Nothing is added if no model is
    /// configured.
    /// </summary>
    /// <example><c>builder.Services.AddWeftModels(builder.Configuration)</c></example>
    /// <param name="services">The services of the application.</param>
    /// <param name="configuration">The configuration of the application, not only the section.</param>
    /// <exception cref="ModelConfigurationException">A setting is wrong or missing. The message names it.</exception>
    /// <exception cref="InvalidOperationException">The services already have a <see cref="ModelSelector"/>.</exception>
    public static IServiceCollection AddWeftModels(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(services);
        return ModelsOptions.Read(configuration) is { } options ? services.AddWeftModels(options) : services;
    }

    /// <summary>
    /// Adds models: each as an <see cref="IChatClient"/> with its name as the key, and all of them as a <see cref="ModelSelector"/>, which
    /// is the <see cref="IChatClient"/> without a key.
    /// </summary>
    /// <remarks>
    /// The client of a provider is loaded at the first call of one of its models. If the application has added an <see cref="IChatClient"/>
    /// without a key before, this one stays, so that agents without a model of their own call it, and their runs can't choose.
    /// </remarks>
    /// <param name="services">The services of the application.</param>
    /// <param name="options">The models. Variables of the environment are not read.</param>
    /// <exception cref="ModelConfigurationException">An option is wrong or missing. The message names its setting.</exception>
    /// <exception cref="InvalidOperationException">The services already have a <see cref="ModelSelector"/>.</exception>
    public static IServiceCollection AddWeftModels(this IServiceCollection services, ModelsOptions options)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(options);
        ModelsCheck.Check(options);
        if (services.Any(service => service.ServiceType == typeof(ModelSelector) && !service.IsKeyedService))
        {
            throw new InvalidOperationException("The services already have a ModelSelector. Call AddWeftModels once, with all models.");
        }

        services.AddSingleton(provider =>
        {
            var loggers = provider.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance;
            var models = options.Chat.ToDictionary(
                model => model.Key,
                model => (IChatClient)new ConfiguredModel(model.Key, model.Value, options.Resilience, loggers));
            return new ModelSelector(models, options.Default);
        });
        services.TryAddSingleton<IChatClient>(provider => provider.GetRequiredService<ModelSelector>());
        foreach (var name in options.Chat.Keys)
        {
            services.TryAddKeyedSingleton<IChatClient>(name, (provider, _) => provider.GetRequiredService<ModelSelector>()[name]);
        }

        return services;
    }
}
