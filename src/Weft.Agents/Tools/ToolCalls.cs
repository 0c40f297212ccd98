using System.Text.Json;
using Microsoft.Extensions.AI;
using Weft.Graphs;

namespace Weft.Agents;

/// <summary>The node that runs tools. A send to it is one call, or all calls of a message.</summary>
internal sealed class ToolCalls(ToolFunctions functions, ToolApproval approval, AgentGraphOptions options)
{
    private readonly ResultLimit _limit = new(options.ToolResultCharsMax);
    private readonly ToolTimeLimit _timeLimit = new(options);

    public async Task<NodeResult> RunAsync(NodeContext context, CancellationToken cancellationToken) => context.Input is { } sent
        ? ToResult(context, await RunAsync(DecidedCall.FromInput(sent), context, cancellationToken))
        : await RunAllAsync(context, cancellationToken);

    /// <summary>
    /// Runs all calls of the last message in this task. This is for a command that goes to this node by name, and for
    /// threads that earlier versions stored, where this node asked about each call separately.
    /// </summary>
    private async Task<NodeResult> RunAllAsync(NodeContext context, CancellationToken cancellationToken)
    {
        var message = context.Get(options.Messages)[^1];
        // All questions are asked before any tool runs, because the node starts again from its top after each answer.
        var decided = DecidedCall.Of(message)
            .Select(call => functions.NeedsApproval(call) ? approval.Ask(context, [call.Call])[0] : call)
            .ToList();
        var outcomes = await RunAsync(decided, context, cancellationToken);
        return ToResult(context, outcomes, decided.Exists(call => call.IsEdited) ? ToolApproval.WithCalls(message, decided) : null);
    }

    private Task<Outcome[]> RunAsync(IReadOnlyList<DecidedCall> calls, NodeContext context, CancellationToken cancellationToken) =>
        Task.WhenAll(calls.Select(call => RunAsync(call, context, cancellationToken)));

    private NodeResult ToResult(NodeContext context, IReadOnlyList<Outcome> outcomes, Message? edited = null)
    {
        var messages = outcomes.SelectMany(outcome => outcome.Message.ToMessages());
        var update = new StateUpdate().Add(options.Messages, [.. edited is null ? messages : messages.Prepend(edited)]);
        foreach (var outcome in outcomes)
        {
            outcome.Output?.Write(update);
        }

        var agents = outcomes.Select(outcome => outcome.Output?.HandOffTo).OfType<string>().Distinct().ToList();
        return agents.Count == 0 ? update : HandOff(context, update, agents);
    }

    /// <summary>Ends this graph in favor of other agents. The graph around it gets the state.</summary>
    private static Command HandOff(NodeContext context, StateUpdate update, IEnumerable<string> agents)
    {
        var values = context.Values.Apply(update.Writes);
        return new Command
        {
            Update = SharedState.Of(values, values.Schema.Channels),
            Goto = [.. agents.Select(agent => (Destination)agent)],
            ToParent = true,
        };
    }

    private async Task<Outcome> RunAsync(DecidedCall decided, NodeContext context, CancellationToken cancellationToken)
    {
        var call = decided.Call;
        if (decided.Reply is { } reply)
        {
            return new Outcome(Result(call, reply), null);
        }

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
            var result = await _timeLimit.InvokeAsync(function, arguments, context.Time, cancellationToken);
            var output = result as ToolOutput;
            var outcome = new Outcome(Result(call, _limit.Cut(output?.Text ?? result), artifact: output?.Artifact), output);
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
            return Failed(call, _limit.Cut(options.DescribeError(error)), error);
        }
    }

    private static Outcome Failed(ToolCall call, string text, Exception error) => new(Result(call, text, error), null);

    private static ChatMessage Result(ToolCall call, object? result, Exception? error = null, JsonElement? artifact = null) =>
        new(ChatRole.Tool, [new FunctionResultContent(call.Id ?? "", result) { Exception = error }])
        {
            AuthorName = call.Name,
            AdditionalProperties = artifact is { } json ? new() { ["artifact"] = json } : null,
        };

    private sealed record Outcome(ChatMessage Message, ToolOutput? Output);
}
