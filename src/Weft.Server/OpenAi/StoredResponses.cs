using System.Text.Json;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Server;

/// <summary>Reads responses from storage: their runs, the messages that the runs added, and their states.</summary>
internal sealed class StoredResponses(RunsFacade runs, ThreadStates states)
{
    /// <summary>Finds a response.</summary>
    /// <param name="actor">The actor of the call.</param>
    /// <param name="id">The id.</param>
    /// <param name="field">The field that has the id, for errors; null for the path.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="WeftException">The actor has no such response.</exception>
    public async Task<(RunRecord Run, JsonElement Echo)> GetAsync(
        Actor actor, string id, string? field, CancellationToken cancellationToken) =>
        ResponseId.TryParse(id, out var runId)
        && await runs.FindAsync(actor, null, runId, cancellationToken) is { } run
        && OpenAiSpecs.EchoOf(run) is { } echo
            ? (run, echo)
            : throw new WeftException(ProblemKind.NotFound, $"Response with id '{id}' not found.", field);

    /// <summary>Returns the messages that the run of a response added to its thread, in order.</summary>
    public async Task<IEnumerable<Message>> ReadMessagesAsync(RunRecord run, CancellationToken cancellationToken)
    {
        var stored = await runs.OpenMessagesAsync(run, int.MaxValue, null, null, cancellationToken);
        return await stored.Select(static entry => Message.FromJson(GraphJson.Parse(entry.Content.Span))).ToListAsync(cancellationToken);
    }

    public async Task<Reply> ReadReplyAsync(Actor actor, RunRecord run, CancellationToken cancellationToken)
    {
        var messages = await ReadMessagesAsync(run, cancellationToken);
        var state = run.Status == RunStatus.Success ? await FindStateAsync(actor, run, cancellationToken) : null;
        return Reply.Of(messages, run, state?.Interrupts ?? []);
    }

    /// <summary>Returns the state that the run of a response left; null if the run stored none.</summary>
    public async Task<StateSnapshot?> FindStateAsync(Actor actor, RunRecord run, CancellationToken cancellationToken)
    {
        var ofRun = GraphJson.Parse(GraphJson.Encode(run.RunId, static (writer, id) =>
        {
            writer.WriteStartObject();
            writer.WriteString("run_id"u8, id.Value);
            writer.WriteEndObject();
        }));
        await foreach (var state in states.ReadHistoryAsync(actor, run.ThreadId, "", 1, null, ofRun, cancellationToken))
        {
            return state;
        }

        return null;
    }
}
