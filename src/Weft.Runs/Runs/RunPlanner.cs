using System.Text;
using System.Text.Json;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>Resolves what a run executes: its assistant, its configuration, its graph and its command.</summary>
internal sealed class RunPlanner(AssistantDirectory assistants)
{
    /// <summary>
    /// Resolves a new run. The returned specification has the merged configuration, and either an input or a command.
    /// </summary>
    /// <exception cref="WeftException">
    /// The assistant does not exist, the graph can't be made, or the graph refuses the input or the command.
    /// </exception>
    public (RunSpec Spec, RunPlan Plan) Resolve(Actor actor, RunSpec spec, ThreadRecord? thread)
    {
        var assistant = assistants.Find(spec.AssistantId)
            ?? throw new WeftException(ProblemKind.NotFound, $"No assistant found for \"{spec.AssistantId}\".", "assistant_id");
        spec = Configured(spec, thread, assistant);
        var graph = AssistantDirectory.GraphOf(assistant, spec.Config, spec.Headers, actor.Id);
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
        var assistant = assistants.Find(spec.AssistantId)
            ?? throw new InvalidOperationException("The graph of this run is no longer served.");
        var graph = AssistantDirectory.GraphOf(assistant, spec.Config, spec.Headers, run.Owner);
        var command = spec.Command is { } json ? CommandJson.Read(graph, json, spec.StrictResume) : null;
        return new RunPlan(assistant, graph, command);
    }

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

    /// <summary>Merges the run's own configuration over its thread's and its assistant's (docs/protocol/runs.md B5).</summary>
    private static RunSpec Configured(RunSpec spec, ThreadRecord? thread, AssistantRecord assistant)
    {
        var underlying = thread is null || thread.Config.Length <= 2
            ? assistant.Graph.Config
            : ConfigMerge.Deep(assistant.Graph.Config, ReservedNames.Remove(GraphJson.Parse(Encoding.UTF8.GetBytes(thread.Config))));
        return spec with
        {
            Config = ConfigMerge.Deep(underlying, ReservedNames.Remove(spec.Config)),
            Context = ConfigMerge.Shallow(assistant.Graph.Context, spec.Context),
        };
    }
}
