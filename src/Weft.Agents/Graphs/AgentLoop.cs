using Microsoft.Extensions.AI;
using Weft.Graphs;

namespace Weft.Agents;

/// <summary>
/// The nodes and edges of an <see cref="AgentGraph"/>: summarize, hook, model, hook, then approval and tools and again from the
/// start, or the answer. Only the model and the tools are always there.
/// </summary>
internal sealed class AgentLoop
{
    private readonly IChatClient _client;
    private readonly AgentGraphOptions _options;
    private readonly ToolNode _tools;
    private readonly ModelCall _model;
    private readonly HistorySummary? _summary;
    private readonly CallerRequest _caller;

    public AgentLoop(IChatClient client, IReadOnlyList<AITool> tools, AgentGraphOptions options)
    {
        if (options.TurnsMax is { } turnsMax)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(turnsMax, 1, nameof(options.TurnsMax));
        }

        if (options is { SystemPrompt: not null, Prompt: not null })
        {
            throw new ArgumentException(
                $"{nameof(options.SystemPrompt)} and {nameof(options.Prompt)} are both given. Give the instructions of the agent once.",
                nameof(options));
        }

        if (options.Summary is { } limits)
        {
            // Otherwise each turn would pay for a summary, or none would be made.
            ArgumentOutOfRangeException.ThrowIfLessThan(limits.TokensKept, 1, nameof(limits.TokensKept));
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(limits.TokensMax, limits.TokensKept, nameof(limits.TokensMax));
        }

        _client = client;
        _options = options;
        _summary = options.Summary is { } summary
            ? new HistorySummary(client, options.Messages, summary, options.ChatOptions?.ModelId)
            : null;
        var chatOptions = options.ChatOptions?.Clone() ?? new ChatOptions();
        chatOptions.Tools = [.. chatOptions.Tools ?? [], .. tools];
        chatOptions.ResponseFormat = options.Answer?.Format ?? chatOptions.ResponseFormat;
        _caller = new CallerRequest(chatOptions, options.CallerMaySet, options.LeadsTeam);
        _tools = new ToolNode(tools, options) { Caller = _caller };
        _model = new ModelCall(client, options.Messages, options.SystemPrompt, chatOptions)
        {
            Prompt = options.Prompt,
            Choose = options.Model,
            View = options.View,
            Summary = _summary,
            Caller = _caller,
            Turns = options.TurnsMax is { } max ? new TurnLimit(max, options.TurnsMaxText) : null,
        };
    }

    public CompiledGraph Compile()
    {
        var graph = new StateGraph()
            .OfferModels(_client)
            .AddChannel(_options.Messages)
            .AddChannels(_options.Channels)
            .AddNode(AgentGraph.AgentNode, _model.RunAsync, new NodeOptions { Retry = _options.ModelRetry })
            .AddTools(_tools);
        foreach (var decorator in _options.Use)
        {
            graph.Use(decorator);
        }

        if (_tools.Functions.AskApproval)
        {
            graph.AddNode(AgentGraph.ApproveNode, _tools.Approval.Run, new NodeOptions { Destinations = [AgentGraph.ToolsNode] });
        }

        if (_options.Answer is { } answer)
        {
            graph.AddChannel(answer.StateChannel)
                .AddNode(
                    AgentGraph.AnswerNode,
                    new AnswerNode(_model, answer, _options.Messages).RunAsync,
                    new NodeOptions { Retry = _options.ModelRetry });
        }

        var first = AddBeforeModel(graph);
        graph.AddEdge(StateGraph.Start, first).AddEdge(AgentGraph.ToolsNode, first);
        AddAfterModel(graph);
        return graph.Compile(_options.Compile with { Name = _options.Name });
    }

    /// <summary>Adds the nodes before the model and returns the first one.</summary>
    private string AddBeforeModel(StateGraph graph)
    {
        var first = AgentGraph.AgentNode;
        if (_options.BeforeModel is { } hook)
        {
            graph.AddNode(AgentGraph.BeforeModelNode, RunAsync, new NodeOptions { Destinations = [first, StateGraph.End] });
            first = AgentGraph.BeforeModelNode;

            async Task<NodeResult> RunAsync(NodeContext context, CancellationToken cancellationToken) =>
                Continue(await hook(context, cancellationToken), static _ => [AgentGraph.AgentNode]);
        }

        if (_summary is not null)
        {
            graph.AddChannel(_summary.Channel)
                .AddNode(AgentGraph.SummarizeNode, _summary.RunAsync, new NodeOptions { Retry = _options.ModelRetry })
                .AddEdge(AgentGraph.SummarizeNode, first);
            first = AgentGraph.SummarizeNode;
        }

        return first;
    }

    /// <summary>Adds the way from the model to its tools or to the end.</summary>
    private void AddAfterModel(StateGraph graph)
    {
        List<string> targets = [AgentGraph.ToolsNode, StateGraph.End];
        if (_tools.Functions.AskApproval)
        {
            targets.Insert(0, AgentGraph.ApproveNode);
        }

        if (_options.Answer is not null)
        {
            targets.Insert(targets.Count - 1, AgentGraph.AnswerNode);
        }

        if (_options.AfterModel is not { } hook)
        {
            graph.AddConditionalEdges(AgentGraph.AgentNode, context => Next(context, context.Get(_options.Messages)), targets);
            return;
        }

        graph.AddNode(AgentGraph.AfterModelNode, RunAsync, new NodeOptions { Destinations = [.. targets, AgentGraph.AgentNode] })
            .AddEdge(AgentGraph.AgentNode, AgentGraph.AfterModelNode);

        async Task<NodeResult> RunAsync(NodeContext context, CancellationToken cancellationToken)
        {
            var result = await hook(context, cancellationToken);
            return Continue(result, update => Next(context, context.Values.Apply(update?.Writes ?? []).Get(_options.Messages)));
        }
    }

    /// <summary>Returns the result of a hook, which goes on as usual unless the hook says where to go.</summary>
    private static NodeResult Continue(NodeResult result, Func<StateUpdate?, IReadOnlyList<Destination>> next) =>
        result.ToParent || result.Goto is { Count: > 0 }
            ? result
            : new Command { Update = result.Update, Goto = next(result.Update) };

    private IReadOnlyList<Destination> Next(NodeContext context, IReadOnlyList<Message> messages)
    {
        if (messages is not [.., { Type: "ai" } last])
        {
            return [StateGraph.End];
        }

        var calls = DecidedCall.Of(last);
        if (calls.Count > 0)
        {
            var own = _tools.OwnOf(context, calls);
            return own.Count == 0 ? [StateGraph.End]
                : own.Any(_tools.Functions.NeedsApproval) ? [AgentGraph.ApproveNode]
                : DecidedCall.ToSends(AgentGraph.ToolsNode, own);
        }

        return _options.Answer is null || TurnLimit.IsStop(last) ? [StateGraph.End] : [AgentGraph.AnswerNode];
    }
}
