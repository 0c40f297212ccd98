using System.Text.Json;
using Microsoft.Extensions.AI;
using Weft.Graphs;

namespace Weft.Agents;

/// <summary>
/// The node of a graph that runs the tools which a model asks for, and the way to it. <see cref="AgentGraph"/> has one; a graph of
/// your own adds one by <see cref="ToolNodeExtensions.AddTools"/>.
/// </summary>
/// <remarks>
/// <para>
/// After the model, <see cref="Next(NodeContext)"/> leads to a task for each call, so that the calls run at the same time and each runs
/// once. If the node is reached by its name, one task makes all calls of the last message.
/// </para>
/// <para>
/// A tool may return a <see cref="ToolOutput"/> or a <see cref="Command"/>. With destinations of its own, the graph goes there instead of
/// along the edges of the node. The other calls of the message run all the same, and their results are kept. If several calls have
/// destinations, the graph goes to all of them. If one of these is for the graph around, this graph ends, and the destinations of the
/// others are not used. The graph around gets the state of this graph.
/// </para>
/// </remarks>
public sealed class ToolNode : INode
{
    private readonly AgentGraphOptions _options;
    private readonly ResultLimit _limit;
    private readonly ToolInvoker _invoker;

    /// <summary>Makes the node.</summary>
    /// <param name="tools">The tools. Those that a provider runs itself may be among them.</param>
    /// <param name="options">
    /// The options of an agent, of which the channel of messages and those of tools are used. If a call needs approval, one task makes
    /// all calls of the message and asks about them before.
    /// </param>
    /// <param name="name">Its name in the graph.</param>
    /// <exception cref="ArgumentException">As for <see cref="AgentGraph.Create"/>.</exception>
    public ToolNode(IReadOnlyList<AITool> tools, AgentGraphOptions? options = null, string name = AgentGraph.ToolsNode)
    {
        ArgumentNullException.ThrowIfNull(tools);
        ArgumentException.ThrowIfNullOrEmpty(name);
        _options = options ?? new AgentGraphOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.ToolResultCharsMax, 1, nameof(_options.ToolResultCharsMax));
        _limit = new ResultLimit(_options.ToolResultCharsMax);
        Functions = new ToolFunctions(tools, _options.RequireApproval);
        _invoker = new ToolInvoker(_options, Functions);
        Approval = new ToolApproval(Functions, _options.Messages);
        Name = name;
    }

    /// <summary>Its name in the graph.</summary>
    public string Name { get; }

    internal ToolFunctions Functions { get; }

    internal ToolApproval Approval { get; private init; }

    /// <summary>Knows the tools that the caller of the run runs; null means that there are none.</summary>
    internal CallerRequest? Caller
    {
        get;
        init
        {
            field = value;
            Approval = new ToolApproval(Functions, _options.Messages) { OwnOf = OwnOf };
        }
    }

    internal NodeOptions Options => new() { SendsSeeState = true, GotoReplacesEdges = true, Subgraphs = Functions.Graphs };

    /// <summary>
    /// Returns where to go after the model: a task of this node for each call of the last message, or <see cref="StateGraph.End"/> if
    /// there are none.
    /// </summary>
    public IReadOnlyList<Destination> Next(NodeContext context) => Next(context, StateGraph.End);

    /// <summary>
    /// Returns where to go after the model: a task of this node for each call of the last message, or <paramref name="otherwise"/> if
    /// there are none.
    /// </summary>
    public IReadOnlyList<Destination> Next(NodeContext context, string otherwise)
    {
        ArgumentNullException.ThrowIfNull(context);
        IReadOnlyList<DecidedCall> calls = context.Get(_options.Messages) is [.., { Type: "ai" } last] ? DecidedCall.Of(last) : [];
        return calls.Count == 0 ? [otherwise] : calls.Any(Functions.NeedsApproval) ? [Name] : DecidedCall.ToSends(Name, calls);
    }

    /// <inheritdoc />
    public async Task<NodeResult> RunAsync(NodeContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        var result = context.Input is { } sent
            ? Join(await RunAsync(DecidedCall.FromInput(sent), context, cancellationToken))
            : await RunAllAsync(context, cancellationToken);
        // The turn ends after these calls if others are left to the caller, unless a tool leads elsewhere.
        return Caller is not null && result.Goto is not { Count: > 0 } && !result.ToParent
            && Caller.RunsAnyOf(context, _options.Messages)
            ? new Command { Update = result.Update, Goto = [StateGraph.End] }
            : result;
    }

    /// <summary>Returns the calls without those of tools that the caller runs.</summary>
    internal IReadOnlyList<DecidedCall> OwnOf(NodeContext context, IReadOnlyList<DecidedCall> calls) =>
        Caller is null ? calls : [.. calls.Where(call => call.Refusal is not null || !Caller.Runs(context, call.Call))];

    /// <summary>Runs all calls of the last message in this task.</summary>
    private async Task<NodeResult> RunAllAsync(NodeContext context, CancellationToken cancellationToken)
    {
        if (context.Get(_options.Messages) is not [.., { Type: "ai" } message])
        {
            return StateUpdate.None;
        }

        // All questions are asked before any tool runs, because the node starts again from its top after each answer.
        var decided = OwnOf(context, DecidedCall.Of(message))
            .Select(call => Functions.NeedsApproval(call) ? Approval.Ask(context, [call.Call])[0] : call)
            .ToList();
        var outcomes = await RunAsync(decided, context, cancellationToken);
        return Join(outcomes, decided.Exists(call => call.IsEdited) ? ToolApproval.WithCalls(message, decided) : null);
    }

    private Task<Command[]> RunAsync(IReadOnlyList<DecidedCall> calls, NodeContext context, CancellationToken cancellationToken) =>
        Task.WhenAll(calls.Select(call => RunAsync(call, context, calls.Count == 1, cancellationToken)));

    /// <summary>Returns the results of calls as one.</summary>
    private NodeResult Join(IReadOnlyList<Command> outcomes, Message? edited = null)
    {
        if (outcomes is [var only] && edited is null)
        {
            return only;
        }

        var update = edited is null ? new StateUpdate() : new StateUpdate().Add(_options.Messages, edited);
        foreach (var outcome in outcomes)
        {
            update.Add(outcome.Update!);
        }

        var toParent = outcomes.Any(outcome => outcome.ToParent);
        return new Command
        {
            Update = update,
            Goto = [.. outcomes.Where(outcome => outcome.ToParent == toParent).SelectMany(outcome => outcome.Goto).Distinct()],
            ToParent = toParent,
            BringsState = toParent,
        };
    }

    private async Task<Command> RunAsync(DecidedCall decided, NodeContext context, bool isAlone, CancellationToken cancellationToken)
    {
        var call = decided.Call;
        if (decided.Reply is { } reply)
        {
            return Said(Result(call, reply));
        }

        if (decided.Refusal is { } refusal)
        {
            return Failed(call, refusal, new OperationCanceledException(refusal));
        }

        if (Functions.Find(call.Name) is not { } function)
        {
            var unknown = $"Error: {call.Name} is not a tool; there are {Functions.Names}.";
            return Failed(call, unknown, new KeyNotFoundException(unknown));
        }

        using var trace = ToolSpans.Start(call);
        var span = context.StartTool(call);
        try
        {
            await using var services = new CallServices(context, isAlone);
            var result = await _invoker.InvokeAsync(function, call, context, services.Services, cancellationToken);
            var (message, outcome) = Read(call, result);
            span?.End(message);
            return outcome;
        }
        catch (ParentCommandException left)
        {
            // A graph that the tool ran ended with a command for the graph around it, which is that of this node.
            var (message, outcome) = Read(call, OutputOf(left, context));
            span?.End(message);
            return outcome;
        }
        catch (Exception error) when (error is not (GraphInterruptException or NoCheckpointerException)
            && !cancellationToken.IsCancellationRequested)
        {
            // The model gets any other failure as a result, so that it can react. Only the end of the run and a
            // question of the tool itself pass.
            span?.Fail(error);
            trace?.Fail(error);
            return Failed(call, _limit.Cut(_options.DescribeError(error)), error);
        }
    }

    /// <summary>Returns the message that answers the call, and what the call leads to.</summary>
    private (Message Message, Command Outcome) Read(ToolCall call, object? result)
    {
        switch (result)
        {
            case Command { Resume: not null }:
                throw new InvalidUpdateException("A tool can't resume: 'Resume' is for the input of a run.");
            case Command command when FindResult(command.Update, call) is { } given:
                return (given, command with { BringsState = command.ToParent });
            case Command command:
                var done = Result(call, "Done.");
                var update = Said(done).Update!.Add(command.Update ?? StateUpdate.None);
                return (done, command with { Update = update, BringsState = command.ToParent });
            case ToolOutput output:
                var message = Result(call, _limit.Cut(output.Text), artifact: output.Artifact);
                var outcome = Said(message) with { Goto = output.Goto, ToParent = output.ToParent, BringsState = output.ToParent };
                output.Write(outcome.Update!);
                return (message, outcome);
            default:
                var said = Result(call, _limit.Cut(result));
                return (said, Said(said));
        }
    }

    private Message? FindResult(StateUpdate? update, ToolCall call) => update?.Writes
        .Where(write => write.Channel.Name == _options.Messages.Name && !write.Overwrites)
        .SelectMany(write => write.Value as IReadOnlyList<Message> ?? [])
        .FirstOrDefault(message => message.Type == "tool" && (message.ToolCallId ?? "") == (call.Id ?? ""));

    /// <summary>The messages of the graph that ended are not part of this conversation. The last one is the result.</summary>
    private ToolOutput OutputOf(ParentCommandException left, NodeContext context)
    {
        var text = left.State is { } state
            && state.Schema.TryFind(_options.Messages.Name, out var channel) && channel is MessagesChannel messages
            && state.Get(messages) is [.., var last]
            ? last.Text
            : "Done.";
        return new ToolOutput(text, update =>
        {
            foreach (var write in left.Update?.For(context.Values.Schema).Writes ?? [])
            {
                if (write.Channel != _options.Messages)
                {
                    update.Add(write);
                }
            }
        })
        {
            Goto = left.Goto,
        };
    }

    private Command Failed(ToolCall call, string text, Exception error) => Said(Result(call, text, error));

    private Command Said(Message message) => new() { Update = new StateUpdate().Add(_options.Messages, message) };

    private static Message Result(ToolCall call, object? result, Exception? error = null, JsonElement? artifact = null) =>
        new ChatMessage(ChatRole.Tool, [new FunctionResultContent(call.Id ?? "", result) { Exception = error }])
        {
            AuthorName = call.Name,
            AdditionalProperties = artifact is { } json ? new() { ["artifact"] = json } : null,
        }.ToMessages()[0];
}
