using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Weft.Graphs;

/// <summary>
/// Makes a graph from one asynchronous method. Its durable steps are done once. After an interrupt or a failure the
/// method runs again from its top and gets the results of its steps. LangGraph calls the two entrypoint and task.
/// </summary>
public static class Workflow
{
    private static readonly LastValueChannel<JsonElement> Output = new(StateGraph.End, isWhole: true);

    internal static LastValueChannel<JsonElement> Previous { get; } = new("__previous__", isWhole: false);

    /// <summary>Makes a workflow.</summary>
    /// <param name="name">Its name, and that of its one node.</param>
    /// <param name="run">The method.</param>
    /// <param name="options">How it is run.</param>
    public static CompiledGraph Create<TInput, TOutput>(
        string name, Func<TInput, WorkflowContext, CancellationToken, Task<TOutput>> run, WorkflowOptions<TInput, TOutput>? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(run);
        options ??= new WorkflowOptions<TInput, TOutput>();
        var input = new WorkflowInput<TInput>(name, options.Input);
        var node = new GraphNode
        {
            Name = name,
            Index = 0,
            Function = (context, cancellationToken) => RunAsync(run, input, options.Output, context, cancellationToken),
            Options = options.Node,
            Targets = [],
            Branches = [],
            Barriers = [],
        };
        return new CompiledGraph(
            new ChannelSchema([Output, Previous]),
            new Dictionary<string, GraphNode> { [name] = node },
            node with { Name = StateGraph.Start, Index = -1, Targets = [name] },
            new CompileOptions { Name = name, Persistence = options.Persistence })
        {
            Entry = name,
            WorkflowInput = input,
            WorkflowTypes = (options.Input ?? GraphJson.WebTypeInfo<TInput>(), options.Output ?? GraphJson.WebTypeInfo<TOutput>()),
        };
    }

    /// <summary>Returns the output of a workflow from its state; undefined before its end.</summary>
    public static JsonElement OutputOf(ChannelValues values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return values.Get(Output);
    }

    /// <summary>As <see cref="OutputOf(ChannelValues)"/>, as a value.</summary>
    public static T? OutputOf<T>(ChannelValues values, JsonTypeInfo<T>? typeInfo = null) =>
        OutputOf(values) is { ValueKind: not JsonValueKind.Undefined } output
            ? output.Deserialize(typeInfo ?? GraphJson.StoredTypeInfo<T>())
            : default;

    /// <summary>The writes of a workflow at its end.</summary>
    internal static StateUpdate Return(JsonElement output, JsonElement saved) => new StateUpdate().Set(Output, output).Set(Previous, saved);

    private static async ValueTask<NodeResult> RunAsync<TInput, TOutput>(
        Func<TInput, WorkflowContext, CancellationToken, Task<TOutput>> run,
        WorkflowInput<TInput> input,
        JsonTypeInfo<TOutput>? outputInfo,
        NodeContext context,
        CancellationToken cancellationToken)
    {
        var workflow = new WorkflowContext(context);
        var output = GraphJson.ToElement(
            await run(input.Read(context.Input!.Value), workflow, cancellationToken), outputInfo ?? GraphJson.WebTypeInfo<TOutput>());
        return Return(output, workflow.Saved ?? output);
    }
}
