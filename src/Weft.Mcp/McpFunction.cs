using System.Text.Json;
using Microsoft.Extensions.AI;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace Weft.Mcp;

/// <summary>A tool of a server as a function for a model.</summary>
internal sealed class McpFunction : AIFunction
{
    private readonly McpConnection _connection;
    private readonly Tool _tool;

    private McpFunction(McpConnection connection, Tool tool, string name)
    {
        _connection = connection;
        _tool = tool;
        Name = name;
    }

    public override string Name { get; }

    public override string Description => _tool.Description ?? "";

    public override JsonElement JsonSchema => _tool.InputSchema;

    public override JsonElement? ReturnJsonSchema => _tool.OutputSchema;

    public override JsonSerializerOptions JsonSerializerOptions => McpJsonUtilities.DefaultOptions;

    /// <summary>Makes the function, which asks for approval if its server's options say so.</summary>
    public static AIFunction Create(McpConnection connection, Tool tool, string name)
    {
        var function = new McpFunction(connection, tool, name);
        return NeedsApproval(connection.Options, tool) ? new ApprovalRequiredAIFunction(function) : function;
    }

    protected override async ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken) =>
        McpResult.Read(await _connection.CallAsync(_tool.Name, arguments, cancellationToken));

    private static bool NeedsApproval(McpConnectionOptions options, Tool tool) =>
        options.ToolApproval.TryGetValue(tool.Name, out var own) ? Needs(own, tool) : Needs(options.Approval, tool);

    private static bool Needs(McpApproval approval, Tool tool) => approval switch
    {
        McpApproval.None => false,
        McpApproval.Always => true,
        _ => tool.Annotations is not ({ ReadOnlyHint: true } or { DestructiveHint: false }),
    };
}
