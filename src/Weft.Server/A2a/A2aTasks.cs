using System.Text.Json;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Server;

/// <summary>Reads tasks from storage (docs/protocol/a2a.md 4).</summary>
internal sealed class A2aTasks(RunsFacade runs, StoredResponses stored)
{
    /// <summary>The member of a run's metadata that has the task that it continues.</summary>
    public const string TaskMember = "a2a_task_id";

    private const int PageSize = 100;

    /// <summary>Returns the id of the task that a run belongs to.</summary>
    public static string IdOf(RunRecord run) =>
        JsonFields.Text(JsonElement.Parse(run.Metadata), TaskMember) ?? run.RunId.ToString();

    /// <summary>Returns the runs of a task, in order.</summary>
    /// <exception cref="JsonRpcException">The assistant has no such task of this actor.</exception>
    public async Task<IReadOnlyList<RunRecord>> GetRunsAsync(
        Actor actor, AssistantId assistantId, string taskId, CancellationToken cancellationToken)
    {
        if (!Requests.TryReadUuid(taskId, out var id)
            || await runs.FindAsync(actor, null, new RunId(id), cancellationToken) is not { } first
            || first.AssistantId != assistantId || IdOf(first) != first.RunId.ToString())
        {
            throw A2aErrors.NoTask(taskId);
        }

        var ofTask = new List<RunRecord>();
        for (var offset = 0; ; offset += PageSize)
        {
            var page = await runs.OpenSearchAsync(actor, first.ThreadId, null, PageSize, offset, cancellationToken);
            await foreach (var run in page.WithCancellation(cancellationToken))
            {
                if (run.RunId == first.RunId)
                {
                    return [first, .. Enumerable.Reverse(ofTask)];
                }

                if (IdOf(run) == first.RunId.ToString())
                {
                    ofTask.Add(run);
                }
            }

            if (page.Count < PageSize)
            {
                return [first, .. Enumerable.Reverse(ofTask)];
            }
        }
    }

    /// <summary>Returns the task with these runs.</summary>
    public async Task<A2aTask> ReadAsync(Actor actor, IReadOnlyList<RunRecord> ofTask, CancellationToken cancellationToken)
    {
        var last = ofTask[^1];
        var state = last.Status == RunStatus.Success ? await stored.FindStateAsync(actor, last, cancellationToken) : null;
        IReadOnlyList<Interrupt> questions = [.. state?.Interrupts ?? []];
        var history = new List<A2aHistoryMessage>();
        var artifacts = new List<A2aArtifact>();
        foreach (var run in ofTask)
        {
            foreach (var message in await stored.ReadMessagesAsync(run, cancellationToken))
            {
                Add(message, history, artifacts);
            }
        }

        if (artifacts.Count == 0 && questions.Count == 0 && state is not null)
        {
            artifacts.Add(OutputOf(last, state));
        }

        return Of(last, questions) with { Artifacts = artifacts, History = history };
    }

    /// <summary>Returns the task as its last run has it, without what the runs returned.</summary>
    public static A2aTask Of(RunRecord last, IReadOnlyList<Interrupt> questions) => new()
    {
        Id = IdOf(last),
        ContextId = last.ThreadId,
        ChangedAt = last.UpdatedAt,
        State = StateOf(last.Status, questions),
        StatusParts = PartsOf(last.Status, questions, last.Error),
    };

    public static A2aState StateOf(RunStatus status, IReadOnlyCollection<Interrupt> questions) => status switch
    {
        RunStatus.Pending => A2aState.Submitted,
        RunStatus.Running => A2aState.Working,
        RunStatus.Success => questions.Count > 0 ? A2aState.InputRequired : A2aState.Completed,
        RunStatus.Interrupted => A2aState.Canceled,
        _ => A2aState.Failed,
    };

    /// <summary>Returns the parts of the message of a status: the questions, or why the run failed.</summary>
    public static IReadOnlyList<A2aPart> PartsOf(RunStatus status, IEnumerable<Interrupt> questions, string? error) => status switch
    {
        RunStatus.Success => [.. questions.Select(static question => A2aPart.OfValue(question.Value))],
        RunStatus.Error or RunStatus.Timeout => [A2aPart.OfText(error ?? "The run failed.")],
        _ => [],
    };

    /// <summary>Returns the artifact of a run that said nothing: its state.</summary>
    public async Task<A2aArtifact?> FindOutputAsync(Actor actor, RunRecord run, CancellationToken cancellationToken) =>
        await stored.FindStateAsync(actor, run, cancellationToken) is { } state ? OutputOf(run, state) : null;

    private static A2aArtifact OutputOf(RunRecord run, StateSnapshot state) => new(
        run.RunId.ToString(),
        "output",
        [A2aPart.OfData(GraphJson.Parse(GraphJson.Encode(state.Values, static (writer, values) => values.WriteTo(writer))))]);

    private static void Add(Message message, List<A2aHistoryMessage> history, List<A2aArtifact> artifacts)
    {
        if (message.Type is not ("human" or "ai"))
        {
            return;
        }

        List<A2aPart> parts = message.Content is { ValueKind: JsonValueKind.Array } blocks
            ? [.. blocks.EnumerateArray().Select(A2aPart.OfBlock).OfType<A2aPart>()]
            : message.Text.Length == 0 ? [] : [A2aPart.OfText(message.Text)];
        if (parts.Count == 0)
        {
            return;
        }

        var id = message.Id ?? $"message-{history.Count}";
        history.Add(new A2aHistoryMessage(id, message.Type == "human", parts));
        if (message.Type == "ai")
        {
            artifacts.Add(new A2aArtifact(id, "message", parts));
        }
    }
}
