using Weft.Server;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds UI components of graphs to a Weft server.</summary>
public static class UiBuilderExtensions
{
    /// <summary>Serves UI components of a graph, which <c>LoadExternalComponent</c> of the JavaScript SDK loads.</summary>
    /// <param name="builder">The server.</param>
    /// <param name="graphId">The id of the graph.</param>
    /// <param name="files">
    /// The paths of one script, which sets the global <c>__LGUI_</c> with the id of the graph to an object with
    /// <c>render(name, shadowRootId)</c>, and of its style sheets. They are read at each request.
    /// </param>
    /// <exception cref="FileNotFoundException">A file does not exist.</exception>
    public static WeftBuilder AddUi(this WeftBuilder builder, string graphId, params IReadOnlyList<string> files)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(graphId);
        ArgumentNullException.ThrowIfNull(files);
        if (files.FirstOrDefault(file => !File.Exists(file)) is { } missing)
        {
            throw new FileNotFoundException($"The UI of '{graphId}' has no file {Path.GetFullPath(missing)}.", missing);
        }

        builder.Services.AddSingleton(new UiBundle(graphId, files.ToDictionary(file => Path.GetFileName(file), Path.GetFullPath)));
        return builder;
    }
}
