using System.Text.Json.Serialization.Metadata;

namespace Weft.Graphs;

/// <summary>How a workflow is run.</summary>
/// <typeparam name="TInput">Its input.</typeparam>
/// <typeparam name="TOutput">Its output.</typeparam>
public sealed record WorkflowOptions<TInput, TOutput>
{
    /// <summary>How the input is read from JSON; null means <see cref="GraphJson.WebOptions"/>.</summary>
    public JsonTypeInfo<TInput>? Input { get; init; }

    /// <summary>How the output becomes JSON; null means <see cref="GraphJson.WebOptions"/>.</summary>
    public JsonTypeInfo<TOutput>? Output { get; init; }

    /// <summary>How its body is run: retries, timeout.</summary>
    public NodeOptions Node { get; init; } = NodeOptions.Default;

    /// <summary>Which checkpoints it keeps when it runs inside another graph.</summary>
    public SubgraphPersistence Persistence { get; init; }
}
