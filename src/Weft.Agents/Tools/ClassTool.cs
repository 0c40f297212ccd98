using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Weft.Graphs;

namespace Weft.Agents;

/// <summary>
/// A method of a class as a tool. Each call has an object of its own, from the services if they have the class; otherwise it is
/// made for the call and disposed of after it.
/// </summary>
internal sealed class ClassTool<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TTools>
    : DelegatingAIFunction
    where TTools : class
{
    private readonly MethodInfo _method;
    private readonly AIFunctionFactoryOptions _options;

    public ClassTool(MethodInfo method, ObjectFactory<TTools> create, AIFunctionFactoryOptions options)
        : base(AIFunctionFactory.Create(method, arguments => create(ServicesOf(arguments), []), options)) =>
        (_method, _options) = (method, options);

    protected override ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken) =>
        ServicesOf(arguments).GetService(typeof(TTools)) is TTools known
            ? AIFunctionFactory.Create(_method, known, _options).InvokeAsync(arguments, cancellationToken)
            : base.InvokeCoreAsync(arguments, cancellationToken);

    private static IServiceProvider ServicesOf(AIFunctionArguments arguments) =>
        arguments.Services ?? NodeContext.Current?.Services
        ?? throw new InvalidOperationException($"The tool is a method of {typeof(TTools).Name}, so only a node can call it.");
}
