using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Weft.Models;

namespace Weft.Host.Models;

/// <summary>Adds the models that the configuration names.</summary>
internal static class ModelFactory
{
    private const string Section = $"{Settings.Section}:Models";
    private const string OpenAiKey = "OPENAI_API_KEY";

    /// <summary>
    /// Adds the models of <c>Weft:Models</c>, or the one of the variables <c>OPENAI_…</c>, to the services. Without both, the offline
    /// stand-in answers, which is not added.
    /// </summary>
    /// <returns>The model of the graphs, and the models for people.</returns>
    /// <exception cref="ModelConfigurationException">A setting is wrong or missing.</exception>
    public static (Func<IServiceProvider, IChatClient> Client, string Description) Add(
        IServiceCollection services, IConfiguration configuration)
    {
        if (configuration.GetSection(Section).Exists() || configuration[OpenAiKey] is { Length: > 0 })
        {
            return AddConfigured(services, configuration);
        }

        var standIn = new OfflineChatClient(TimeSpan.FromMilliseconds(15));
        return (_ => standIn, $"{OfflineChatClient.ModelId} (built in; set OPENAI_API_KEY or {Section} to use a language model)");
    }

    // Only a call of it loads Weft.Models, so that the stand-in starts without it.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (Func<IServiceProvider, IChatClient> Client, string Description) AddConfigured(
        IServiceCollection services, IConfiguration configuration)
    {
        var options = ModelsOptions.Read(configuration)
            ?? throw new ModelConfigurationException($"{Section}:Chat has no model.");
        services.AddWeftModels(options);
        return (
            static provider => provider.GetRequiredService<IChatClient>(),
            string.Join(", ", options.Chat.Select(model => Describe(model.Key, model.Value, options))));
    }

    private static string Describe(string name, ModelOptions model, ModelsOptions options)
    {
        var named = model.Model is null || model.Model == name ? name : $"{name}: {model.Model}";
        var where = model.Endpoint is { } address ? $"at {address}" : $"of {model.Provider}";
        return $"{named} {where}{(options.Chat.Count > 1 && options.Default == name ? " (default)" : "")}";
    }
}
