using System.Text.Json;
using Microsoft.Extensions.AI;
using Weft.Graphs;

namespace Weft.Agents;

/// <summary>Tools by which one agent of a graph hands the conversation to another one.</summary>
public static class Handoff
{
    // The longest name of a tool that OpenAI and Anthropic accept.
    private const int NameLengthMax = 64;

    private const string Prefix = "transfer_to_";

    /// <summary>
    /// Makes the tool <c>transfer_to_…</c>. When the model calls it, its agent ends with all that it has written, and the graph
    /// around it continues with the node of the other agent. If its name had more than 64 characters, which providers refuse, it is
    /// cut and ends with a hash of the agent's name.
    /// </summary>
    /// <remarks>
    /// Both agents must be nodes of one graph, in which their channels of messages have the same name. Other tools that the model
    /// calls in the same message run too, before the agent ends. If the call needs approval and is refused, the agent goes on. A tool of
    /// your own hands over by a <see cref="ToolOutput"/> or a <see cref="Command"/> with <see cref="Command.ToParent"/>.
    /// </remarks>
    /// <param name="agent">The node of the other agent in the graph around this one.</param>
    /// <param name="description">When to hand over, for the model. Default: <c>Hands the conversation to …</c>.</param>
    public static AIFunction To(string agent, string? description = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(agent);
        return new Tool(agent, description ?? $"Hands the conversation to {agent}.");
    }

    private sealed class Tool(string agent, string description) : AIFunction
    {
        public override string Name { get; } = NameOf(agent);

        public override string Description => description;

        public override JsonElement JsonSchema { get; } = GraphJson.Parse("""{"type":"object","properties":{}}"""u8);

        protected override ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken) =>
            new(new ToolOutput($"The conversation is now with {agent}.") { Goto = [agent], ToParent = true });

        /// <summary>Providers allow letters, digits, <c>_</c> and <c>-</c> in names of tools.</summary>
        private static string NameOf(string agent)
        {
            var name = Prefix
                + string.Concat(agent.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' ? char.ToLowerInvariant(c) : '_'));
            if (name.Length <= NameLengthMax)
            {
                return name;
            }

            var hash = TaskIds.HashOf([agent]);
            return $"{name[..(NameLengthMax - hash.Length - 1)]}_{hash}";
        }
    }
}
