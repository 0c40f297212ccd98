using Microsoft.Extensions.AI;

namespace Weft.Agents;

/// <summary>A tool that needs services of the host, so that their absence is noticed before it is called.</summary>
internal sealed class ServiceTool(AIFunction function, IReadOnlyList<ToolService> services) : DelegatingAIFunction(function)
{
    public IReadOnlyList<ToolService> Services => services;
}
