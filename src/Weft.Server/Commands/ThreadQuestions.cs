using System.Text.Json;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Server;

/// <summary>The interrupts of a thread that wait for answers.</summary>
internal sealed class ThreadQuestions(RunsFacade runs, ThreadStates states)
{
    private const int UnfinishedMax = 100;

    /// <summary>Whether a thread, which may not exist, waits for answers.</summary>
    public async Task<bool> AreOpenAsync(CommandCall call) =>
        // The order matters. If a run that answers them ends between the two reads, the second one reads the state after that run.
        (await UnfinishedAsync(call)).Count == 0 && await FindStateAsync(call) is { } state && state.Interrupts.Any();

    /// <summary>Checks that interrupts wait for answers, and that no run has these answers already.</summary>
    /// <exception cref="CommandException">None waits, or one of them does not.</exception>
    public async Task EnsureOpenAsync(CommandCall call, IReadOnlyCollection<string> ids)
    {
        var unfinished = await UnfinishedAsync(call);
        var state = await FindStateAsync(call);
        var open = state?.Interrupts.Select(static interrupt => interrupt.Id).ToHashSet() ?? [];
        foreach (var run in unfinished)
        {
            open.ExceptWith(AnsweredBy(run));
        }

        if (open.Count == 0)
        {
            throw new CommandException(CommandErrors.InvalidArgument, "No interrupt of the thread waits for an answer.");
        }

        if (ids.FirstOrDefault(id => !open.Contains(id)) is { } unknown)
        {
            throw new CommandException(CommandErrors.NoSuchInterrupt, $"No interrupt with the id {unknown} waits for an answer.");
        }
    }

    private async Task<StateSnapshot?> FindStateAsync(CommandCall call)
    {
        try
        {
            return await states.GetAsync(call.Actor, call.ThreadId, CheckpointAddress.Head, subgraphs: false, call.Cancellation);
        }
        catch (WeftException e) when (e.Kind == ProblemKind.NotFound)
        {
            return null;
        }
    }

    private async Task<List<RunRecord>> UnfinishedAsync(CommandCall call)
    {
        var unfinished = new List<RunRecord>();
        // In this order, a run that starts between the two reads is in both lists. In the other order it could be in none.
        foreach (var status in (RunStatus[])[RunStatus.Pending, RunStatus.Running])
        {
            unfinished.AddRange(await runs.SearchAsync(call.Actor, call.ThreadId, status, UnfinishedMax, 0, call.Cancellation));
        }

        return unfinished;
    }

    private static IEnumerable<string> AnsweredBy(RunRecord run)
    {
        var kwargs = GraphJson.Parse(run.Kwargs.Span);
        return kwargs.TryGetProperty("command"u8, out var command) && command.ValueKind == JsonValueKind.Object
            && command.TryGetProperty("resume"u8, out var resume) && resume.ValueKind == JsonValueKind.Object
            ? resume.EnumerateObject().Select(static answer => answer.Name)
            : [];
    }
}
