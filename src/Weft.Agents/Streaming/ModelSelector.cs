using Microsoft.Extensions.AI;
using Weft.Graphs;

namespace Weft.Agents;

/// <summary>
/// Several models under names. In a node, a call goes to the one that <c>config.configurable.model</c> of the run or of its assistant names,
/// otherwise to the default.
/// </summary>
/// <remarks>
/// <see cref="AgentGraph"/> and <see cref="ChatGraph"/> declare the names as a <see cref="ConfigurableChoice"/>, so that a server refuses
/// other ones and its schemas list them. In a graph of your own, <see cref="ModelSelectorExtensions.OfferModels"/> does so.
/// </remarks>
public sealed class ModelSelector : IChatClient
{
    /// <summary>The member of <c>config.configurable</c> that names the model.</summary>
    public const string Member = "model";

    private readonly Dictionary<string, IChatClient> _models;

    /// <summary>Makes a client of several.</summary>
    /// <param name="models">The models by their names, which are compared with case.</param>
    /// <param name="defaultModel">The name of the default; null means the first one.</param>
    /// <exception cref="ArgumentException">There is no model, or the default is none of them.</exception>
    public ModelSelector(IEnumerable<KeyValuePair<string, IChatClient>> models, string? defaultModel = null)
    {
        ArgumentNullException.ThrowIfNull(models);
        IReadOnlyList<KeyValuePair<string, IChatClient>> all = [.. models];
        _models = all.ToDictionary();
        Names = [.. all.Select(model => model.Key)];
        Default = defaultModel ?? (Names.Count > 0 ? Names[0] : throw new ArgumentException("There is no model.", nameof(models)));
        if (!_models.ContainsKey(Default))
        {
            throw new ArgumentException($"The default '{Default}' is none of {string.Join(", ", Names)}.", nameof(defaultModel));
        }
    }

    /// <summary>The names of the models, in the order in which they were given.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The name of the model that is called if nothing names another one.</summary>
    public string Default { get; }

    /// <summary>Returns the model with this name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public IChatClient this[string name] => _models.TryGetValue(name, out var model)
        ? model
        : throw new ArgumentException($"'{name}' is none of the models {string.Join(", ", Names)}.", nameof(name));

    // Read for each call, because one graph serves runs with different models. A run that was created before a model was removed may
    // still name it.
    private IChatClient Current => NodeContext.Current?.GetConfigurable(Member) is not { } name ? _models[Default]
        : _models.TryGetValue(name, out var model) ? model
        : throw new InvalidOperationException($"config.configurable.{Member}: '{name}' is none of {string.Join(", ", Names)}.");

    /// <inheritdoc />
    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        Current.GetResponseAsync(messages, options, cancellationToken);

    /// <inheritdoc />
    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        Current.GetStreamingResponseAsync(messages, options, cancellationToken);

    /// <summary>Returns this, or what the model has that a call would go to.</summary>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is null && serviceType.IsInstanceOfType(this) ? this : Current.GetService(serviceType, serviceKey);
    }

    /// <summary>Disposes the models.</summary>
    public void Dispose()
    {
        foreach (var model in _models.Values)
        {
            model.Dispose();
        }
    }
}

/// <summary>Lets runs choose a model in graphs of your own.</summary>
public static class ModelSelectorExtensions
{
    /// <summary>
    /// Declares the models of a client as a choice of the graph, if the client is, or wraps, a <see cref="ModelSelector"/>.
    /// </summary>
    /// <param name="graph">The graph, whose nodes call the client.</param>
    /// <param name="client">The client.</param>
    public static StateGraph OfferModels(this StateGraph graph, IChatClient client)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(client);
        return client.GetService<ModelSelector>() is { } models
            ? graph.AddConfigurableChoice(ModelSelector.Member, models.Names, models.Default)
            : graph;
    }
}
