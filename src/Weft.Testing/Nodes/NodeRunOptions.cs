using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Weft.Graphs;

namespace Weft.Testing;

/// <summary>How to run a node alone.</summary>
public sealed record NodeRunOptions
{
    /// <summary>
    /// The context, configuration, store, services and clock that the node sees. Its checkpointer keeps graphs inside the node; without
    /// one they are kept in memory.
    /// </summary>
    public GraphRunOptions Run { get; init; } = new();

    /// <summary>The input of a <see cref="Send"/>, if the node is to run because of one. Null means that it is not.</summary>
    public JsonElement? Input { get; init; }

    /// <summary>The answers to the questions of the node, in their order. A further question pauses the node.</summary>
    public IReadOnlyList<JsonElement> Answers { get; init; } = [];

    /// <summary>The same options with a further answer.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="typeInfo">
    /// How the answer becomes JSON; null means names as declared, or those of <see cref="GraphJson.Configure"/>.
    /// </param>
    public NodeRunOptions Answer<T>(T answer, JsonTypeInfo<T>? typeInfo = null) =>
        this with { Answers = [.. Answers, GraphJson.ToElement(answer, typeInfo ?? GraphJson.PassedTypeInfo<T>())] };
}
