using Microsoft.Extensions.AI;
using Weft.Server.Tests;

namespace Weft.Mcp.Tests;

/// <summary>Makes toolsets and calls their tools.</summary>
internal static class Toolsets
{
    public static Task<McpToolset> ConnectAsync(McpConnectionOptions options)
    {
        var all = new McpToolsetOptions();
        all.Servers["test"] = options;
        return ConnectAsync(all);
    }

    public static Task<McpToolset> ConnectAsync(McpToolsetOptions options) =>
        McpToolset.ConnectAsync(options, cancellationToken: TestContext.Current.CancellationToken).Within("the servers to connect");

    public static AIFunction Find(this McpToolset tools, string name) => (AIFunction)tools.Tools.Single(tool => tool.Name == name);

    public static Task<object?> CallAsync(this McpToolset tools, string name, params (string Name, object? Value)[] arguments) =>
        tools.Find(name).InvokeAsync(
            new AIFunctionArguments(arguments.ToDictionary(static one => one.Name, static one => one.Value)),
            TestContext.Current.CancellationToken).AsTask().Within($"the result of {name}");
}
