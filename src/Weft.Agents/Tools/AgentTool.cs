using System.Collections;
using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Weft.Graphs;

namespace Weft.Agents;

/// <summary>Makes tools of agents.</summary>
public static class AgentTool
{
    /// <summary>
    /// Makes a tool of a method, as <see cref="AIFunctionFactory"/> does, whose parameters may also be a <see cref="NodeContext"/> and
    /// services of the host. The model sees neither. The context is that of the node that makes the call: the state, the store, the
    /// stream and <c>Interrupt</c>. The services, also those of a parameter of type <see cref="IServiceProvider"/>, are of the scope of
    /// the call. Parameters of the types <see cref="ToolCall"/> (the call itself, with its id) and <see cref="CancellationToken"/> are
    /// not seen either.
    /// </summary>
    /// <remarks>
    /// A parameter is a service if it has <c>[FromServices]</c> or <c>[FromKeyedServices]</c>, or if JSON can't be read as its type:
    /// interfaces and abstract classes that are not collections, and classes none of whose constructors JSON can call, such as a
    /// <c>DbContext</c>. All others are arguments of the model. A service that is missing is an error of the call, unless the parameter
    /// has a default value.
    /// </remarks>
    /// <param name="method">
    /// The method. It may return a <see cref="ToolOutput"/>, or a <see cref="Command"/>, whose update and destinations are those of the
    /// node. If the update has no tool message for the call, one is added.
    /// </param>
    /// <param name="name">
    /// The name by which the model calls it; null means the name of the method, without <c>Async</c> at its end. Give one to a lambda
    /// expression, which has the name that the compiler makes.
    /// </param>
    /// <param name="description">The purpose, for the model; null means that of <see cref="DescriptionAttribute"/>.</param>
    /// <param name="serializerOptions">How arguments and results become JSON; null means the defaults of Microsoft.Extensions.AI.</param>
    public static AIFunction Create(
        Delegate method, string? name = null, string? description = null, JsonSerializerOptions? serializerOptions = null)
    {
        ArgumentNullException.ThrowIfNull(method);
        var options = OptionsOf(method.Method, serializerOptions);
        options.Name = name ?? LocalNameOf(method.Method);
        options.Description = description;
        return WithServices(AIFunctionFactory.Create(method, options), method.Method, serializerOptions);
    }

    /// <summary>
    /// Makes tools of a class: of each public method that has a <see cref="DescriptionAttribute"/>. The constructor takes services of
    /// the host, and each call has an object of its own, with the services of the scope of the call; the class need not be registered.
    /// </summary>
    /// <remarks>
    /// The model calls a method by its name, or by that of <see cref="DisplayNameAttribute"/>. Parameters are as those of
    /// <see cref="Create"/>. If the class is registered, the object comes from the services. Otherwise it is made for the call, and
    /// disposed of after it.
    /// </remarks>
    /// <param name="serializerOptions">How arguments and results become JSON; null means the defaults of Microsoft.Extensions.AI.</param>
    /// <exception cref="ArgumentException">No method has a description.</exception>
    /// <exception cref="InvalidOperationException">The class has no constructor that can be used.</exception>
    public static IReadOnlyList<AIFunction> CreateAll<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors | DynamicallyAccessedMemberTypes.PublicMethods)] TTools>(
        JsonSerializerOptions? serializerOptions = null)
        where TTools : class
    {
        var create = ActivatorUtilities.CreateFactory<TTools>([]);
        AIFunction[] tools =
        [
            .. typeof(TTools).GetMethods()
                .Where(method => method.IsDefined(typeof(DescriptionAttribute)))
                .Select(method => WithServices(
                    method.IsStatic
                        ? AIFunctionFactory.Create(method, target: null, OptionsOf(method, serializerOptions))
                        : new ClassTool<TTools>(method, create, OptionsOf(method, serializerOptions)),
                    method,
                    serializerOptions)),
        ];
        return tools.Length > 0
            ? tools
            : throw new ArgumentException($"{typeof(TTools).Name} has no public method with a [Description], so there is nothing to call.");
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

    /// <summary>Checks tools against the services of an application.</summary>
    /// <exception cref="ArgumentException">
    /// A tool needs a service that is not registered, or shows the model a parameter whose type is a service.
    /// </exception>
    internal static void CheckServices(IEnumerable<AITool> tools, IServiceProvider services)
    {
        foreach (var function in tools.OfType<AIFunction>())
        {
            var needed = function.GetService<ServiceTool>()?.Services ?? [];
            if (needed.FirstOrDefault(service => !service.IsOptional && !service.IsIn(services)) is { } missing)
            {
                throw new ArgumentException(
                    $"The tool '{function.Name}' needs the service {missing.Name} for its parameter '{missing.Parameter}', but it is not "
                        + "registered.",
                    nameof(tools));
            }

            if (services.GetService(typeof(IServiceProviderIsService)) is IServiceProviderIsService known
                && FindSeen(function, parameter => IsService(parameter.ParameterType, known)) is { } seen)
            {
                throw new ArgumentException(
                    $"The model would see the parameter '{seen.Name}' of the tool '{function.Name}', but {seen.ParameterType.Name} is a "
                        + "service of the application. Make the tool with AgentTool.Create, and mark the parameter with [FromServices].",
                    nameof(tools));
            }
        }
    }

    /// <summary>
    /// Returns a parameter of the type <see cref="NodeContext"/> or <see cref="ToolCall"/> that the model would see; null if there is none.
    /// </summary>
    internal static ParameterInfo? FindSeen(AIFunction function) => FindSeen(function, IsBound);

    /// <summary>Whether the model would see the JSON of a <see cref="Command"/> that the tool returns.</summary>
    internal static bool ShowsCommand(AIFunction function) =>
        function.UnderlyingMethod is { } method && ResultOf(method) == typeof(Command) && function.ReturnJsonSchema is not null;

    private static bool IsBound(ParameterInfo parameter) =>
        parameter.ParameterType == typeof(NodeContext) || parameter.ParameterType == typeof(ToolCall);

    private static ParameterInfo? FindSeen(AIFunction function, Predicate<ParameterInfo> isWanted) =>
        Array.Find(function.UnderlyingMethod?.GetParameters() ?? [], isWanted) is { Name: { } name } found
            && function.JsonSchema.TryGetProperty("properties", out var seen) && seen.TryGetProperty(name, out _)
            ? found
            : null;

    // Collections of any type are services, and a text or a number is not meant.
    private static bool IsService(Type type, IServiceProviderIsService known) =>
        !type.IsValueType && type != typeof(string) && !typeof(IEnumerable).IsAssignableFrom(type) && known.IsService(type);

    private static AIFunctionFactoryOptions OptionsOf(MethodInfo method, JsonSerializerOptions? json)
    {
        var options = new AIFunctionFactoryOptions
        {
            SerializerOptions = json,
            ConfigureParameterBinding = parameter => ToolParameters.Bind(parameter, json),
        };
        var result = ResultOf(method);
        if (result == typeof(Command) || result == typeof(object))
        {
            options.ExcludeResultSchema = result == typeof(Command);
            options.MarshalResult = (value, _, cancellationToken) => value is Command or AIContent or IEnumerable<AIContent>
                ? new(value)
                : ToJsonAsync(value, json ?? AIJsonUtilities.DefaultOptions, cancellationToken);
        }

        return options;
    }

    /// <summary>
    /// The name that the code gives to a local function, for which the compiler makes <c>&lt;Main&gt;g__Price|0_0</c>; null for other
    /// methods.
    /// </summary>
    private static string? LocalNameOf(MethodInfo method)
    {
        var (start, end) = (method.Name.IndexOf(">g__", StringComparison.Ordinal), method.Name.LastIndexOf('|'));
        if (start < 0 || end < start)
        {
            return null;
        }

        var name = method.Name[(start + 4)..end];
        var isAsync = IsLater(method.ReturnType) && name.Length > 5 && name.EndsWith("Async", StringComparison.Ordinal);
        return Named(isAsync ? name[..^5] : name);
    }

    /// <summary>Replaces what providers do not take in a name, as the factory of functions does with the names of methods.</summary>
    private static string Named(string name) => string.Create(name.Length, name, static (result, name) =>
    {
        for (var i = 0; i < name.Length; i++)
        {
            result[i] = char.IsAsciiLetterOrDigit(name[i]) ? name[i] : '_';
        }
    });

    private static bool IsLater(Type type) =>
        typeof(Task).IsAssignableFrom(type) || type == typeof(ValueTask)
        || (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ValueTask<>));

    /// <summary>The type of what a method returns, now or later.</summary>
    private static Type ResultOf(MethodInfo method) =>
        method.ReturnType.IsGenericType && IsLater(method.ReturnType) ? method.ReturnType.GenericTypeArguments[0] : method.ReturnType;

    /// <summary>Returns JSON, as the factory of functions makes it of results.</summary>
    private static async ValueTask<object?> ToJsonAsync(object? value, JsonSerializerOptions options, CancellationToken cancellationToken)
    {
        using var json = new MemoryStream();
        await JsonSerializer.SerializeAsync(json, value, options.GetTypeInfo(typeof(object)), cancellationToken);
        return GraphJson.Parse(json.ToArray());
    }

    private static AIFunction WithServices(AIFunction function, MethodInfo method, JsonSerializerOptions? json) =>
        ToolParameters.ServicesOf(method, json) is { Count: > 0 } services ? new ServiceTool(function, services) : function;
}
