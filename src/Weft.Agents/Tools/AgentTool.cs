using System.ComponentModel;
using System.Reflection;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Weft.Graphs;

namespace Weft.Agents;

/// <summary>Makes tools of agents.</summary>
public static class AgentTool
{
    private static readonly AIFunctionFactoryOptions.ParameterBindingOptions OfContext = new()
    {
        ExcludeFromSchema = true,
        BindParameter = static (parameter, _) => NodeContext.Current
            ?? throw new InvalidOperationException(
                $"The tool has the parameter '{parameter.Name}' of type NodeContext, so only a node can call it."),
    };

    private static readonly AIFunctionFactoryOptions.ParameterBindingOptions OfCall = new()
    {
        ExcludeFromSchema = true,
        BindParameter = static (parameter, arguments) => arguments is CallArguments made
            ? made.Call
            : throw new InvalidOperationException(
                $"The tool has the parameter '{parameter.Name}' of type ToolCall, so only an agent or a ToolNode can call it."),
    };

    /// <summary>
    /// Makes a tool of a method, as <see cref="AIFunctionFactory"/> does, whose parameters may also be a
    /// <see cref="NodeContext"/>. The model does not see that parameter; it is the context of the node that makes the call:
    /// the state, the store, the stream and <c>Interrupt</c>. Parameters of the types <see cref="ToolCall"/> (the call itself, with its
    /// id), <see cref="IServiceProvider"/> (the services of the call's scope) and <see cref="CancellationToken"/> are not seen either.
    /// </summary>
    /// <param name="method">
    /// The method. It may return a <see cref="ToolOutput"/>, or a <see cref="Command"/>, whose update and destinations are those of the
    /// node. If the update has no tool message for the call, one is added.
    /// </param>
    /// <param name="name">The name by which the model calls it; null means the name of the method.</param>
    /// <param name="description">The purpose, for the model; null means that of <see cref="DescriptionAttribute"/>.</param>
    /// <param name="serializerOptions">How arguments and results become JSON; null means the defaults of Microsoft.Extensions.AI.</param>
    public static AIFunction Create(
        Delegate method, string? name = null, string? description = null, JsonSerializerOptions? serializerOptions = null)
    {
        ArgumentNullException.ThrowIfNull(method);
        var options = new AIFunctionFactoryOptions
        {
            Name = name,
            Description = description,
            SerializerOptions = serializerOptions,
            ConfigureParameterBinding = Bind,
        };
        var result = ResultOf(method.Method);
        if (result == typeof(Command) || result == typeof(object))
        {
            options.ExcludeResultSchema = result == typeof(Command);
            options.MarshalResult = (value, _, cancellationToken) => value is Command or AIContent or IEnumerable<AIContent>
                ? new(value)
                : ToJsonAsync(value, serializerOptions ?? AIJsonUtilities.DefaultOptions, cancellationToken);
        }

        return AIFunctionFactory.Create(method, options);
    }

    /// <summary>
    /// Makes a tool of a graph, such as an agent. The model gives it a text, which becomes a message of a user, and gets the text
    /// of the last message as the result.
    /// </summary>
    /// <remarks>
    /// Each call runs the graph inside the node that makes the call, in a checkpoint namespace of its own. Its tokens and states are
    /// in the stream of the run if the run asks for subgraphs. If the graph pauses, the run pauses, and continues there with the
    /// answer. An error of the graph is the result of the call.
    /// </remarks>
    /// <param name="graph">The graph.</param>
    /// <param name="name">The name by which the model calls it.</param>
    /// <param name="description">What it can do, for the model.</param>
    /// <exception cref="ArgumentException">The input of the graph has no channel of messages.</exception>
    public static AIFunction AsTool(this CompiledGraph graph, string name, string description)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(description);
        return new GraphTool(graph, name, description);
    }

    /// <summary>
    /// Returns a parameter of the type <see cref="NodeContext"/> or <see cref="ToolCall"/> that the model would see; null if there is none.
    /// </summary>
    internal static ParameterInfo? FindSeen(AIFunction function)
    {
        var parameters = function.UnderlyingMethod?.GetParameters() ?? [];
        return Array.Find(parameters, IsBound) is { Name: { } name } found
            && function.JsonSchema.TryGetProperty("properties", out var seen) && seen.TryGetProperty(name, out _)
            ? found
            : null;
    }

    /// <summary>Whether the model would see the JSON of a <see cref="Command"/> that the tool returns.</summary>
    internal static bool ShowsCommand(AIFunction function) =>
        function.UnderlyingMethod is { } method && ResultOf(method) == typeof(Command) && function.ReturnJsonSchema is not null;

    private static bool IsBound(ParameterInfo parameter) =>
        parameter.ParameterType == typeof(NodeContext) || parameter.ParameterType == typeof(ToolCall);

    private static AIFunctionFactoryOptions.ParameterBindingOptions Bind(ParameterInfo parameter) =>
        parameter.ParameterType == typeof(NodeContext) ? OfContext
        : parameter.ParameterType == typeof(ToolCall) ? OfCall
        : default;

    /// <summary>The type of what a method returns, now or later.</summary>
    private static Type ResultOf(MethodInfo method)
    {
        var type = method.ReturnType;
        var generic = type.IsGenericType ? type.GetGenericTypeDefinition() : null;
        return generic == typeof(Task<>) || generic == typeof(ValueTask<>) ? type.GenericTypeArguments[0] : type;
    }

    /// <summary>Returns JSON, as the factory of functions makes it of results.</summary>
    private static async ValueTask<object?> ToJsonAsync(object? value, JsonSerializerOptions options, CancellationToken cancellationToken)
    {
        using var json = new MemoryStream();
        await JsonSerializer.SerializeAsync(json, value, options.GetTypeInfo(typeof(object)), cancellationToken);
        return GraphJson.Parse(json.ToArray());
    }
}
