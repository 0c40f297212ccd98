using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Weft.Graphs;

/// <summary>Gives a workflow its durable steps, its questions, and the value of the last turn.</summary>
public sealed class WorkflowContext
{
    internal WorkflowContext(NodeContext node) => Node = node;

    /// <summary>The run's configuration, stream and services, as a node has them.</summary>
    public NodeContext Node { get; }

    internal JsonElement? Saved { get; private set; }

    /// <summary>
    /// Does some work once, however often the workflow runs again from its top: see
    /// <see cref="NodeContext.StepAsync"/>.
    /// </summary>
    public Task<T> StepAsync<T>(
        string name,
        Func<CancellationToken, Task<T>> run,
        StepOptions? options = null,
        JsonTypeInfo<T>? typeInfo = null,
        CancellationToken cancellationToken = default) =>
        Node.StepAsync(name, run, options, typeInfo, cancellationToken);

    /// <summary>Asks a question and waits for the answer: see <see cref="NodeContext.Interrupt{T}(T, JsonTypeInfo{T}, string)"/>.</summary>
    /// <exception cref="GraphInterruptException">There is no answer yet. Let it pass.</exception>
    public JsonElement Interrupt<T>(T question, JsonTypeInfo<T>? typeInfo = null, string? key = null) =>
        Node.Interrupt(question, typeInfo, key);

    /// <summary>
    /// Returns the value that the last turn on the thread saved, or else returned; the type's default at the first
    /// turn.
    /// </summary>
    public T? Previous<T>(JsonTypeInfo<T>? typeInfo = null) =>
        Node.Has(Workflow.Previous) ? Node.Get(Workflow.Previous).Deserialize(typeInfo ?? GraphJson.StoredTypeInfo<T>()) : default;

    /// <summary>Saves a value for the next turn, instead of the output of the workflow.</summary>
    public void Save<T>(T value, JsonTypeInfo<T>? typeInfo = null) => Saved = GraphJson.ToElement(value, typeInfo ?? GraphJson.WebTypeInfo<T>());
}
