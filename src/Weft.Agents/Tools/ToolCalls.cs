using Microsoft.Extensions.AI;
using Weft.Graphs;

namespace Weft.Agents;

/// <summary>The node that runs tools. A send to it is one call.</summary>
internal sealed class ToolCalls(ToolFunctions functions, ToolApproval approval, AgentGraphOptions options)
{
    public async Task<NodeResult> RunAsync(NodeContext context, CancellationToken cancellationToken) => context.Input is { } sent
        ? ToUpdate([await RunAsync(DecidedCall.FromInput(sent), context, cancellationToken)])
        : await RunAllAsync(context, cancellationToken);

    /// <summary>
    /// Runs all calls of the last message in this task. This is for a command that goes to this node by name, and for
    /// threads that earlier versions stored, where this node asked about each call separately.
    /// </summary>
    private async Task<NodeResult> RunAllAsync(NodeContext context, CancellationToken cancellationToken)
    {
        var message = context.Get(options.Messages)[^1];
        // All questions are asked before any tool runs, because the node starts again from its top after each answer.
        var decided = message.ToolCalls
            .Select(call => functions.NeedsApproval(call) ? approval.Ask(context, [call])[0] : new DecidedCall(call))
            .ToList();
        var outcomes = await Task.WhenAll(decided.Select(call => RunAsync(call, context, cancellationToken)));
        return ToUpdate(outcomes, decided.Exists(call => call.IsEdited) ? ToolApproval.WithCalls(message, decided) : null);
    }

    private StateUpdate ToUpdate(IReadOnlyList<Outcome> outcomes, Message? edited = null)
    {
        var messages = outcomes.SelectMany(outcome => outcome.Message.ToMessages());
        var update = new StateUpdate().Add(options.Messages, [.. edited is null ? messages : messages.Prepend(edited)]);
        foreach (var outcome in outcomes)
        {
            outcome.Output?.Write(update);
        }

        return update;
    }

    private async Task<Outcome> RunAsync(DecidedCall decided, NodeContext context, CancellationToken cancellationToken)
    {
        var call = decided.Call;
        if (decided.Refusal is { } refusal)
        {
            return Failed(call, refusal, new OperationCanceledException(refusal));
        }

        if (functions.Find(call.Name) is not { } function)
        {
            var unknown = $"Error: {call.Name} is not a tool; there are {functions.Names}.";
            return Failed(call, unknown, new KeyNotFoundException(unknown));
        }

        using var trace = ToolSpans.Start(call);
        var span = context.StartTool(call);
        try
        {
            var arguments = new AIFunctionArguments(ToolArguments.Read(call.Args)) { Services = context.Services };
            var result = await function.InvokeAsync(arguments, cancellationToken);
            var outcome = result is ToolOutput output
                ? new Outcome(Result(call, output.Text), output)
                : new Outcome(Result(call, result), null);
            span?.End(outcome.Message.ToMessages()[0]);
            return outcome;
        }
        catch (Exception error) when (error is not (GraphInterruptException or NoCheckpointerException)
            && !cancellationToken.IsCancellationRequested)
        {
            // The model gets any other failure as a result, so that it can react. Only the end of the run and a
            // question of the tool itself pass.
            span?.Fail(error);
            trace?.Fail(error);
            return Failed(call, options.DescribeError(error), error);
        }
    }

    private static Outcome Failed(ToolCall call, string text, Exception error) => new(Result(call, text, error), null);

    private static ChatMessage Result(ToolCall call, object? result, Exception? error = null) =>
        new(ChatRole.Tool, [new FunctionResultContent(call.Id ?? "", result) { Exception = error }]) { AuthorName = call.Name };

    private sealed record Outcome(ChatMessage Message, ToolOutput? Output);
}
