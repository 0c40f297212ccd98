using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>Resolves what a run executes: its assistant, its configuration, its graph and its command.</summary>
internal sealed partial class RunPlanner(AssistantDirectory assistants, SafeLogger<RunPlanner> logger)
{
    /// <summary>
    /// Resolves a new run. The returned specification has the merged configuration, and either an input or a command.
    /// </summary>
    /// <exception cref="WeftException">
    /// The server does not have the graph, the graph can't be made, or the graph refuses the input or the command.
    /// </exception>
    public (RunSpec Spec, RunPlan Plan) Resolve(Actor actor, RunSpec spec, ThreadRecord? thread, AssistantRecord assistant)
    {
        spec = Configured(spec, thread, assistant);
        var graph = assistants.GraphOf(assistant, spec.Config, spec.Headers, actor.Id);
        ConfigurableChoices.Check(graph, assistant, spec, actor.Id);
        var command = ReadCommand(spec, graph);
        if (command is { Update: null, Resume: null, Goto.Count: 0 } && spec.Input is not null)
        {
            command = null;
        }

        if (command is null && spec.Input is { ValueKind: not JsonValueKind.Object } && !graph.IsWorkflow)
        {
            throw new WeftException(
                ProblemKind.Invalid, "The input of a graph must be an object of channel names and values, or null.", "input");
        }

        // The input of a cron was checked when the cron was created, maybe for another version of the workflow.
        if (command is null && spec.Input is { } input && (spec.Cron is null || !graph.IsWorkflow))
        {
            CheckInput(graph, input, spec.TakesUnknownInput, assistant.GraphId);
        }

        // When clients answer an interrupt, they also send the whole conversation as the input. Only the command is used then.
        var resolved = spec with { Command = command is null ? null : spec.Command, Input = command is null ? spec.Input : null };
        return (resolved, new RunPlan(assistant, graph, command));
    }

    /// <summary>Resolves a run that was admitted before.</summary>
    /// <exception cref="InvalidOperationException">Its graph is no longer served.</exception>
    /// <exception cref="WeftException">The graph can no longer be made.</exception>
    /// <exception cref="GraphException">The graph refuses the command.</exception>
    public RunPlan ResolveAgain(RunRecord run, RunSpec spec)
    {
        var assistant = assistants.Find(run, spec)
            ?? throw new InvalidOperationException("The graph of this run is no longer served.");
        var graph = assistants.GraphOf(assistant, spec.Config, spec.Headers, run.Owner, waits: true);
        var command = spec.Command is { } json ? CommandJson.Read(graph, json, spec.StrictResume) : null;
        return new RunPlan(assistant, graph, command);
    }

    private static int? RecursionLimitOf(JsonElement config) =>
        config.TryGetProperty("recursion_limit", out var limit)
        && limit.ValueKind == JsonValueKind.Number && limit.TryGetInt32(out var value) && value > 0 ? value : null;

    private static Command? ReadCommand(RunSpec spec, CompiledGraph graph)
    {
        try
        {
            return spec.Command is { } command ? CommandJson.Read(graph, command, spec.StrictResume) : null;
        }
        catch (GraphException e)
        {
            throw new WeftException(ProblemKind.Invalid, e.Message, "command");
        }
    }

    private void CheckInput(CompiledGraph graph, JsonElement input, bool takesUnknown, string graphId)
    {
        try
        {
            StateUpdate.CheckInput(graph, input, takesUnknown);
        }
        catch (InvalidUpdateException e)
        {
            if (e.InnerException is { } inner)
            {
                LogRefused(graphId, inner);
            }

            throw new WeftException(ProblemKind.Invalid, e.Message, "input");
        }
    }

    /// <summary>Merges the run's own configuration over its thread's and its assistant's (docs/protocol/runs.md B5).</summary>
    private RunSpec Configured(RunSpec spec, ThreadRecord? thread, AssistantRecord assistant)
    {
        var ofAssistant = assistants.ConfigOf(assistant, spec.Headers);
        var underlying = thread is null || thread.Config.Length <= 2
            ? ofAssistant
            : ConfigMerge.Deep(ofAssistant, ReservedNames.Remove(GraphJson.Parse(Encoding.UTF8.GetBytes(thread.Config))));
        var own = ReservedNames.Remove(spec.Config);
        return spec with
        {
            Config = ConfigMerge.Deep(underlying, own),
            Headers = RunHeaders.WithoutHidden(spec.Headers),
            RecursionLimit = RecursionLimitOf(own) is null ? RecursionLimitOf(underlying) ?? spec.RecursionLimit : spec.RecursionLimit,
            Context = ConfigMerge.Shallow(assistant.Context, spec.Context),
            GraphId = assistants.Find(assistant.AssistantId)?.GraphId == assistant.GraphId ? null : assistant.GraphId,
        };
    }

    [LoggerMessage(1, LogLevel.Warning, "Input for the graph '{GraphId}' was refused, because the code of its type threw.")]
    private partial void LogRefused(string graphId, Exception exception);
}
