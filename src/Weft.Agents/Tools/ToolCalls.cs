using Microsoft.Extensions.AI;
using Weft.Graphs;

namespace Weft.Agents;

/// <summary>The node that runs the tools that the model's last message asks for.</summary>
internal sealed class ToolCalls
{
    private readonly Dictionary<string, AIFunction> _functions = [];
    private readonly HashSet<string> _approved;
    private readonly AgentGraphOptions _options;

    public ToolCalls(IReadOnlyList<AITool> tools, AgentGraphOptions options)
    {
        _options = options;
        _approved = [.. options.RequireApproval];
        foreach (var function in tools.OfType<AIFunction>())
        {
            if (!_functions.TryAdd(function.Name, function))
            {
                throw new ArgumentException($"Two tools are named '{function.Name}'; give one another name.", nameof(tools));
            }

            if (function.GetService<ApprovalRequiredAIFunction>() is not null)
            {
                _approved.Add(function.Name);
            }
        }

        // A misspelt name would leave the tool it means without approval.
        if (_approved.FirstOrDefault(name => !_functions.ContainsKey(name)) is { } unknown)
        {
            throw new ArgumentException($"'{unknown}' is to be approved, but no tool has this name; there are {NamesOfTools}.", nameof(options));
        }
    }

    private string NamesOfTools => string.Join(", ", _functions.Keys);

    public async Task<NodeResult> RunAsync(NodeContext context, CancellationToken cancellationToken)
    {
        var message = context.Get(_options.Messages)[^1];
        // All questions before any tool: when one is asked, the node starts again from its top once it is answered.
        var decided = message.ToolCalls.Select(call => Decide(context, call)).ToList();
        var outcomes = await Task.WhenAll(decided.Select(call => RunAsync(call, context, cancellationToken)));
        var messages = outcomes.SelectMany(outcome => outcome.Message.ToMessages());
        if (decided.Exists(call => call.IsEdited))
        {
            // What was called is what the conversation says was called.
            messages = messages.Prepend(WithCalls(message, decided));
        }

        var update = new StateUpdate().Add(_options.Messages, [.. messages]);
        foreach (var outcome in outcomes)
        {
            outcome.Output?.Write(update);
        }

        return update;
    }

    private DecidedCall Decide(NodeContext context, ToolCall call) =>
        _approved.Contains(call.Name) ? ToolApproval.Ask(context, call, _functions[call.Name].Description) : new DecidedCall(call);

    private async Task<Outcome> RunAsync(DecidedCall decided, NodeContext context, CancellationToken cancellationToken)
    {
        var call = decided.Call;
        if (decided.Refusal is { } refusal)
        {
            return Failed(call, refusal, new OperationCanceledException(refusal));
        }

        if (!_functions.TryGetValue(call.Name, out var function))
        {
            var unknown = $"Error: {call.Name} is not a tool; there are {NamesOfTools}.";
            return Failed(call, unknown, new KeyNotFoundException(unknown));
        }

        var span = context.StartTool(call);
        try
        {
            var arguments = new AIFunctionArguments(ToolArguments.Read(call.Args)) { Services = context.Services };
            var result = await function.InvokeAsync(arguments, cancellationToken);
            var outcome = result is ToolOutput output ? new Outcome(Result(call, output.Text), output) : new Outcome(Result(call, result), null);
            span?.End(outcome.Message.ToMessages()[0]);
            return outcome;
        }
        catch (Exception error) when (error is not GraphInterruptException && !cancellationToken.IsCancellationRequested)
        {
            // Whatever it is, the model may do better; only the end of the run and a tool's own question go further.
            span?.Fail(error);
            return Failed(call, _options.DescribeError(error), error);
        }
    }

    private static Outcome Failed(ToolCall call, string text, Exception error) => new(Result(call, text, error), null);

    private static ChatMessage Result(ToolCall call, object? result, Exception? error = null) =>
        new(ChatRole.Tool, [new FunctionResultContent(call.Id ?? "", result) { Exception = error }]) { AuthorName = call.Name };

    private static Message WithCalls(Message message, List<DecidedCall> decided)
    {
        var chat = message.ToChatMessage();
        chat.Contents =
        [
            .. chat.Contents.Where(content => content is not FunctionCallContent),
            .. decided.Select(one => new FunctionCallContent(one.Call.Id ?? "", one.Call.Name, ToolArguments.Read(one.Call.Args))),
        ];
        return chat.ToMessages()[0];
    }

    private sealed record Outcome(ChatMessage Message, ToolOutput? Output);
}
