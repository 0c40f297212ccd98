using Microsoft.Extensions.DependencyInjection;

namespace Weft.Agents;

/// <summary>A parameter of a tool that is a service of the host. The model does not see it.</summary>
internal sealed record ToolService(Type Type, string Parameter, bool IsKeyed, object? Key, bool IsOptional, object? Default)
{
    /// <summary>How messages name it.</summary>
    public string Name => Key is null ? Type.Name : $"{Type.Name} with the key '{Key}'";

    /// <summary>Returns the service.</summary>
    /// <exception cref="InvalidOperationException">It is not registered.</exception>
    public object? Get(IServiceProvider? services) => (IsKeyed ? FindKeyed(services) : services?.GetService(Type))
        ?? (IsOptional
            ? Default
            : throw new InvalidOperationException($"The service {Name} is missing, which the parameter '{Parameter}' of the tool needs."));

    /// <summary>Whether it is registered; true if the services can't tell.</summary>
    public bool IsIn(IServiceProvider services) => IsKeyed
        ? services.GetService(typeof(IServiceProviderIsKeyedService)) is not IServiceProviderIsKeyedService keyed
            || keyed.IsKeyedService(Type, Key)
        : services.GetService(typeof(IServiceProviderIsService)) is not IServiceProviderIsService known || known.IsService(Type);

    private object? FindKeyed(IServiceProvider? services) => (services as IKeyedServiceProvider)?.GetKeyedService(Type, Key);
}
