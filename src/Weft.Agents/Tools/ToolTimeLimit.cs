using Microsoft.Extensions.AI;

namespace Weft.Agents;

/// <summary>Ends calls of tools that take too long.</summary>
internal sealed class ToolTimeLimit
{
    /// <summary>The time that a call has to end after its token was cancelled.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <summary>The longest time that a timer can have.</summary>
    private static readonly TimeSpan LimitMax = TimeSpan.FromMilliseconds(uint.MaxValue - 1);

    private readonly AgentGraphOptions _options;

    /// <exception cref="ArgumentOutOfRangeException">A limit is not positive, or longer than 49 days.</exception>
    /// <exception cref="ArgumentException">A limit is for a tool that does not exist.</exception>
    public ToolTimeLimit(AgentGraphOptions options, ToolFunctions tools)
    {
        _options = options;
        if (options.ToolTimeout is { } timeout)
        {
            Check(timeout, nameof(options.ToolTimeout));
        }

        foreach (var (name, limit) in options.ToolTimeouts)
        {
            Check(limit, $"{nameof(options.ToolTimeouts)}[{name}]");
        }

        tools.CheckNames(options.ToolTimeouts.Keys, "has a time limit", nameof(options));
    }

    /// <summary>Calls a tool.</summary>
    /// <exception cref="TimeoutException">It took too long.</exception>
    public async ValueTask<object?> InvokeAsync(
        AIFunction function, AIFunctionArguments arguments, TimeProvider time, CancellationToken cancellationToken)
    {
        if ((_options.ToolTimeouts.TryGetValue(function.Name, out var own) ? own : _options.ToolTimeout) is not { } limit)
        {
            return await function.InvokeAsync(arguments, cancellationToken);
        }

        var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        // On a thread of its own, because a tool may block before it returns a task.
        var call = Task.Run(() => function.InvokeAsync(arguments, stop.Token).AsTask(), CancellationToken.None);
        await ((Task)call).WaitAsync(limit, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (call.IsCompleted || cancellationToken.IsCancellationRequested)
        {
            using (stop)
            {
                return await call;
            }
        }

        // Not awaited, because callbacks of the token are code of the tool and may block. They may run for longer than this method, so
        // the source is not disposed.
        _ = stop.CancelAsync();
        // What it throws now is only the consequence.
        await ((Task)call).WaitAsync(Grace, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        throw new TimeoutException(
            $"The tool took more than {limit}, and {(call.IsCompleted ? "was stopped" : "did not stop when it was asked to")}. "
                + "Whether it had an effect is not known.");
    }

    private static void Check(TimeSpan limit, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(limit, TimeSpan.Zero, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, LimitMax, name);
    }
}
