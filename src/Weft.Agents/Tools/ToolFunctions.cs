using Microsoft.Extensions.AI;
using Weft.Graphs;

namespace Weft.Agents;

/// <summary>The tools of an agent that the server runs, by name.</summary>
internal sealed class ToolFunctions
{
    private readonly Dictionary<string, AIFunction> _functions = [];
    private readonly HashSet<string> _approved;

    public ToolFunctions(IReadOnlyList<AITool> tools, IReadOnlyCollection<string> requireApproval)
    {
        _approved = [.. requireApproval];
        foreach (var function in tools.OfType<AIFunction>())
        {
            if (!_functions.TryAdd(function.Name, function))
            {
                throw new ArgumentException($"Two tools are named '{function.Name}'; rename one of them.", nameof(tools));
            }

            if (AgentTool.FindSeen(function) is { } parameter)
            {
                throw new ArgumentException(
                    $"The model would see the parameter '{parameter.Name}' of the tool '{function.Name}'. "
                        + "Make the tool with AgentTool.Create.",
                    nameof(tools));
            }

            if (AgentTool.ShowsCommand(function))
            {
                throw new ArgumentException(
                    $"The model would see the Command that the tool '{function.Name}' returns. Make the tool with AgentTool.Create.",
                    nameof(tools));
            }

            if (function.GetService<ApprovalRequiredAIFunction>() is not null)
            {
                _approved.Add(function.Name);
            }
        }

        CheckNames(_approved, "requires approval", nameof(requireApproval));
    }

    /// <summary>The graphs among the tools.</summary>
    public IReadOnlyList<CompiledGraph> Graphs =>
        [.. _functions.Values.Select(function => function.GetService<GraphTool>()?.Graph).OfType<CompiledGraph>().Distinct()];

    /// <summary>The names, for messages.</summary>
    public string Names => _functions.Count == 0 ? "none" : string.Join(", ", _functions.Keys);

    /// <summary>Whether any tool needs approval.</summary>
    public bool AskApproval => _approved.Count > 0;

    public bool NeedsApproval(DecidedCall call) => call.Refusal is null && _approved.Contains(call.Call.Name);

    public AIFunction? Find(string name) => _functions.GetValueOrDefault(name);

    /// <summary>
    /// Checks that there is a tool of each name that an option has. If a name were misspelled, the tool would run without the option.
    /// </summary>
    /// <param name="names">The names.</param>
    /// <param name="has">What the tools have by the option, for the message: <c>has a time limit</c>.</param>
    /// <param name="option">The name of the parameter that has the option.</param>
    /// <exception cref="ArgumentException">No tool has one of the names.</exception>
    public void CheckNames(IEnumerable<string> names, string has, string option)
    {
        if (names.FirstOrDefault(name => !_functions.ContainsKey(name)) is { } unknown)
        {
            throw new ArgumentException($"'{unknown}' {has}, but no tool has this name. The tools are: {Names}.", option);
        }
    }
}
