using System.Text.Json;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>Reads the outcomes of runs that have ended.</summary>
internal sealed class RunOutcomes(IRunStore runs, ThreadOutcomes threads, AssistantDirectory assistants)
{
    /// <summary>Returns the outcome of a run that has ended, with the current values of its thread.</summary>
    public async Task<RunOutcome> ReadAsync(Actor actor, RunRecord run, CancellationToken cancellationToken)
    {
        if (run.Status is RunStatus.Pending or RunStatus.Running)
        {
            // The run has ended since it was looked up. If it was rolled back, it no longer exists.
            run = await runs.FindAsync(actor, run.RunId, cancellationToken) ?? run with { Status = RunStatus.Interrupted };
        }

        var graph = assistants.GraphOf(run);
        var head = await threads.FindHeadAsync(run.ThreadId, graph, cancellationToken);
        var snapshot = head is null ? null : StateSnapshot.Of(graph, head);
        return new RunOutcome(
            run.Status,
            snapshot?.Checkpoint.Values,
            snapshot is { HasNext: true } && run.Status == RunStatus.Success ? [.. snapshot.Interrupts] : null,
            FailureOf(run));
    }

    /// <summary>
    /// Returns the outcome of a run whose thread no longer exists, with the last state that its log has. The status is
    /// <see cref="RunStatus.Pending"/> if the log ends without the end of the run.
    /// </summary>
    public static async Task<RunOutcome> ReadAsync(RunStream log, CancellationToken cancellationToken)
    {
        ValuesPart? values = null;
        RunErrorPart? error = null;
        var status = RunStatus.Pending;
        using var reader = log.ReadAll(-1);
        using var gone = cancellationToken.UnsafeRegister(static reader => ((RunStreamReader)reader!).Wake(), reader);
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var added in reader.TryRead())
            {
                switch (added.Part)
                {
                    case ValuesPart { Namespace.Length: 0 } state:
                        values = state;
                        break;
                    case RunErrorPart failure:
                        error = failure;
                        break;
                    case RunEndPart end:
                        status = end.Status;
                        break;
                }
            }
        }
        while (await reader.WaitAsync());
        return new RunOutcome(
            status,
            GraphJson.Encode(values, static (writer, values) => Write(writer, values)),
            error is null ? null : new RunFailure(error.Name, error.Message));
    }

    private static void Write(Utf8JsonWriter writer, ValuesPart? values)
    {
        writer.WriteStartObject();
        if (values is not null && GraphJson.Parse(values.State.Utf8.Span) is { ValueKind: JsonValueKind.Object } state)
        {
            foreach (var member in state.EnumerateObject())
            {
                member.WriteTo(writer);
            }
        }

        if (values?.Interrupts is { } interrupts)
        {
            writer.WritePropertyName("__interrupt__"u8);
            Interrupt.WriteAll(writer, interrupts);
        }

        writer.WriteEndObject();
    }

    private static RunFailure? FailureOf(RunRecord run) => run.Status switch
    {
        RunStatus.Error => new RunFailure(run.ErrorName ?? "Error", run.Error ?? ""),
        RunStatus.Timeout => new RunFailure(nameof(TimeoutException), run.Error ?? ""),
        _ => null,
    };
}
