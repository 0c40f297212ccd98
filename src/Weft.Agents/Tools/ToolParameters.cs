using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Weft.Graphs;

namespace Weft.Agents;

/// <summary>Decides which parameters of a tool the model does not see, and what they get.</summary>
internal static class ToolParameters
{
    // Weft.Agents does not depend on ASP.NET Core, so it knows the attribute by its name.
    private const string FromServices = "Microsoft.AspNetCore.Mvc.FromServicesAttribute";

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

    /// <summary>Returns what the parameter gets; the default for an argument of the model.</summary>
    public static AIFunctionFactoryOptions.ParameterBindingOptions Bind(ParameterInfo parameter, JsonSerializerOptions? json)
    {
        if (parameter.ParameterType == typeof(NodeContext))
        {
            return OfContext;
        }

        if (parameter.ParameterType == typeof(ToolCall))
        {
            return OfCall;
        }

        if (FindService(parameter, json) is not { } service)
        {
            return default;
        }

        return new()
        {
            ExcludeFromSchema = true,
            BindParameter = (_, arguments) => service.Get(arguments.Services ?? NodeContext.Current?.Services),
        };
    }

    /// <summary>Returns the parameters of a method that are services.</summary>
    public static IReadOnlyList<ToolService> ServicesOf(MethodInfo method, JsonSerializerOptions? json) =>
        [.. method.GetParameters().Select(parameter => FindService(parameter, json)).OfType<ToolService>()];

    private static ToolService? FindService(ParameterInfo parameter, JsonSerializerOptions? json)
    {
        var keyed = parameter.GetCustomAttribute<FromKeyedServicesAttribute>();
        return keyed is not null || IsMarked(parameter) || !(IsKnown(parameter.ParameterType) || IsRead(parameter.ParameterType, json))
            ? new ToolService(
                parameter.ParameterType,
                parameter.Name ?? "",
                keyed is not null,
                keyed?.Key,
                parameter.HasDefaultValue,
                parameter.HasDefaultValue ? parameter.DefaultValue : null)
            : null;
    }

    private static bool IsMarked(ParameterInfo parameter) =>
        parameter.CustomAttributes.Any(attribute => attribute.AttributeType.FullName == FromServices);

    /// <summary>Whether the factory or this class gives a value to parameters of the type.</summary>
    private static bool IsKnown(Type type) =>
        type == typeof(NodeContext) || type == typeof(ToolCall) || type == typeof(CancellationToken)
        || type == typeof(IServiceProvider) || type == typeof(AIFunctionArguments);

    /// <summary>Whether JSON can be read as a value of the type.</summary>
    private static bool IsRead(Type type, JsonSerializerOptions? json)
    {
        if (typeof(Delegate).IsAssignableFrom(type))
        {
            return false;
        }

        try
        {
            if (!(json ?? AIJsonUtilities.DefaultOptions).TryGetTypeInfo(type, out var info))
            {
                // The factory reports a class whose metadata is missing.
                return !type.IsInterface && !type.IsAbstract;
            }

            return info.Kind switch
            {
                JsonTypeInfoKind.None => true,
                JsonTypeInfoKind.Object => IsMade(info),
                _ => info.ElementType is not { } element || element == type || IsRead(element, json),
            };
        }
        catch (Exception e) when (e is InvalidOperationException or NotSupportedException)
        {
            // A member has a type that can't be JSON.
            return false;
        }
    }

    /// <summary>
    /// Whether the type has a constructor whose parameters are all members of its JSON, or says which types JSON stands for.
    /// </summary>
    private static bool IsMade(JsonTypeInfo info) =>
        info.CreateObject is not null
        || info.PolymorphismOptions is not null
        || (info.ConstructorAttributeProvider is ConstructorInfo constructor
            && constructor.GetParameters().Length == info.Properties.Count(property => property.AssociatedParameter is not null));
}
