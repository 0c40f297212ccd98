using Weft.Graphs;

namespace Weft.Agents;

/// <summary>
/// The graph of <see cref="AgentGraph.Swarm"/>: each member is a node, and a channel has the name of the one that the user talks to.
/// </summary>
internal sealed class AgentSwarm
{
    private readonly LastValueChannel<string> _active = Channel.LastValue<string>(AgentGraph.ActiveAgentChannel);
    private readonly IReadOnlyList<AgentMember> _members;
    private readonly SwarmOptions _options;
    private readonly IReadOnlyList<StateChannel> _channels;
    private readonly string _first;

    public AgentSwarm(IReadOnlyList<AgentMember> members, SwarmOptions options)
    {
        _members = members;
        _options = options;
        _channels = [options.Messages, .. options.Channels];
        _first = options.First ?? members[0].Name;
        if (!IsMember(_first))
        {
            throw new ArgumentException(
                $"'{_first}' gets the first message, but no member has this name; "
                    + $"there are {string.Join(", ", members.Select(member => member.Name))}.",
                nameof(options));
        }
    }

    public CompiledGraph Compile()
    {
        string[] names = [.. _members.Select(member => member.Name)];
        var graph = new StateGraph()
            .AddChannels(_channels)
            .AddChannel(_active)
            .AddConditionalEdges(StateGraph.Start, ActiveOf, names);
        foreach (var decorator in _options.Use)
        {
            graph.Use(decorator);
        }

        foreach (var member in _members)
        {
            graph.AddNode(
                member.Name,
                (context, cancellationToken) => RunAsync(context, member, cancellationToken),
                new NodeOptions { Destinations = [.. names.Where(name => name != member.Name)], Subgraphs = [member.Graph] });
        }

        return graph.Compile(_options.Compile with { Name = _options.Name });
    }

    /// <summary>The member that gets the message of the user. One that does not exist any more was removed since.</summary>
    private Destination ActiveOf(NodeContext context) => context.Get(_active) is { } name && IsMember(name) ? name : _first;

    private bool IsMember(string name) => _members.Any(member => member.Name == name);

    /// <summary>
    /// Runs a member. The one that it hands over to is active from then on, also if the run ends before that one is done.
    /// </summary>
    private async Task<NodeResult> RunAsync(NodeContext context, AgentMember member, CancellationToken cancellationToken)
    {
        try
        {
            var values = await context.RunAsync(
                member.Graph, context.Values.ToUpdate(_channels, member.Graph.Schema), cancellationToken);
            var shared = values.Schema.Channels.Where(channel => _channels.Any(own => own.Name == channel.Name));
            return SharedState.Of(values, shared).For(context.Values.Schema).Set(_active, member.Name);
        }
        catch (ParentCommandException left)
        {
            var update = left.UpdateFor(context.Values.Schema) ?? new StateUpdate();
            var members = left.Goto.Where(destination => IsMember(destination.Node)).Take(1).ToList();
            if (members is [var next] && !update.TryGet(_active, out _))
            {
                update.Set(_active, next.Node);
            }

            return new Command { Update = update, Goto = members.Count > 0 ? members : left.Goto };
        }
    }
}
