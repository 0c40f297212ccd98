using Microsoft.Extensions.AI;
using Weft.Graphs;

namespace Weft.Agents;

/// <summary>Calls tools, within their time limits, and repeats calls that fail.</summary>
internal sealed class ToolInvoker
{
    private readonly AgentGraphOptions _options;
    private readonly ToolTimeLimit _timeLimit;

    /// <exception cref="ArgumentException">A policy or a limit is for a tool that does not exist.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A limit is not positive, or longer than 49 days.</exception>
    public ToolInvoker(AgentGraphOptions options, ToolFunctions tools)
    {
        _options = options;
        _timeLimit = new ToolTimeLimit(options, tools);
        tools.CheckNames(options.ToolRetries.Keys, "has a retry policy", nameof(options));
    }

    /// <summary>Calls a tool, again if its policy says so.</summary>
    public ValueTask<object?> InvokeAsync(
        AIFunction function, ToolCall call, NodeContext context, IServiceProvider services, CancellationToken cancellationToken) =>
        (_options.ToolRetries.TryGetValue(function.Name, out var own) ? own : _options.ToolRetry) is { } policy
            ? RetryAsync(policy, function, call, context, services, cancellationToken)
            : InvokeOnceAsync(function, call, context, services, cancellationToken);

    private async ValueTask<object?> RetryAsync(
        RetryPolicy policy,
        AIFunction function,
        ToolCall call,
        NodeContext context,
        IServiceProvider services,
        CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await InvokeOnceAsync(function, call, context, services, cancellationToken);
            }
            catch (Exception error) when (error is not NoCheckpointerException
                && RetryPolicy.TriesAgain(policy, attempt, error, cancellationToken))
            {
                await Task.Delay(policy.WaitAfter(attempt), context.Time, cancellationToken);
            }
        }
    }

    private ValueTask<object?> InvokeOnceAsync(
        AIFunction function, ToolCall call, NodeContext context, IServiceProvider services, CancellationToken cancellationToken) =>
        _timeLimit.InvokeAsync(function, new CallArguments(call) { Services = services }, context.Time, cancellationToken);
}
