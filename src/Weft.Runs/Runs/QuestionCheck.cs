using System.Text;
using System.Text.Json;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>
/// Checks what a new run has to do with the interrupts of its thread that wait for answers (docs/protocol/v2.md 12). That happens in
/// the turn of the thread, so that no two runs bring an answer to the same interrupt.
/// </summary>
internal sealed class QuestionCheck(
    ICheckpointStore checkpoints, AssistantDirectory assistants, ThreadHeadCache heads, SharedClock time)
{
    private const string ResumeField = "command.resume";

    /// <summary>Returns what the run does. An input that is the answer becomes a command.</summary>
    /// <param name="turn">The turn of the thread, whose coordinator has all unfinished runs.</param>
    /// <param name="thread">The thread as it is stored.</param>
    /// <param name="spec">What the run does.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="WeftException">The rule of the run refuses it.</exception>
    public async ValueTask<RunSpec> ApplyAsync(ThreadTurn turn, ThreadRecord thread, RunSpec spec, CancellationToken cancellationToken)
    {
        switch (spec.Questions)
        {
            case QuestionRule.InputMayAnswer when spec.Input is { } input && turn.Runs.IsIdle && thread.RunsStarted == spec.RunsSeen:
                return Stored(thread) is { Count: > 0 } open ? AsAnswer(spec, input, open) : spec;
            case QuestionRule.AnswersOpen:
                EnsureOpen(spec, await FindOpenAsync(turn, thread, cancellationToken));
                return spec;
            case QuestionRule.NeedsNone when turn.Runs.IsIdle && Stored(thread).Count > 0:
                throw new WeftException(
                    ProblemKind.Invalid, "The thread waits for answers. Send input.respond, or run.start with the answer.");
            default:
                return spec;
        }
    }

    /// <summary>Whether a refusal names interrupts that do not wait.</summary>
    public static bool IsOfUnknown(WeftException refusal) => refusal is { Kind: ProblemKind.NotFound, Field: ResumeField };

    private static void EnsureOpen(RunSpec spec, HashSet<string> open)
    {
        if (open.Count == 0)
        {
            throw new WeftException(ProblemKind.Invalid, "No interrupt of the thread waits for an answer.");
        }

        var answers = spec.Command!.Value.GetProperty("resume"u8).EnumerateObject();
        if (answers.Select(static answer => answer.Name).FirstOrDefault(id => !open.Contains(id)) is { } unknown)
        {
            throw new WeftException(ProblemKind.NotFound, $"No interrupt with the id {unknown} waits for an answer.", ResumeField);
        }
    }

    /// <summary>The answer names its interrupt if that is clear, so that others can tell which one waits no longer.</summary>
    private static RunSpec AsAnswer(RunSpec spec, JsonElement input, HashSet<string> open)
    {
        var command = GraphJson.Parse(GraphJson.Encode((input, open), static (writer, answer) =>
        {
            writer.WriteStartObject();
            writer.WritePropertyName("resume"u8);
            if (answer.open.Count == 1 && !ResumeAnswers.IsMap(answer.input))
            {
                writer.WriteStartObject();
                writer.WritePropertyName(answer.open.Single());
                answer.input.WriteTo(writer);
                writer.WriteEndObject();
            }
            else
            {
                answer.input.WriteTo(writer);
            }

            writer.WriteEndObject();
        }));
        return spec with { Input = null, Command = command };
    }

    /// <summary>Returns the ids of the interrupts that wait and that no unfinished run has an answer to.</summary>
    private async ValueTask<HashSet<string>> FindOpenAsync(ThreadTurn turn, ThreadRecord thread, CancellationToken cancellationToken)
    {
        var before = Stored(thread);
        if (turn.Runs.IsIdle)
        {
            return before;
        }

        // Clients may answer what a run has asked before its end is stored, and even before the outcome of the task that asks is.
        var open = await ReadAsync(thread, cancellationToken);
        if (turn.Runs.Running is { } running)
        {
            Remove(open, running.Spec, before);
            open.UnionWith(running.Stream.CopyEvents().SelectMany(static known => AskedBy(known.Part)));
        }

        var now = Moment.Of(time);
        foreach (var pending in turn.Runs.Pending)
        {
            // Other runs pass one that is not due, and one that needs no question leaves them as they are.
            if (pending.Spec.Questions != QuestionRule.NeedsNone
                && (pending.WaitAt(now) == TimeSpan.Zero || pending.Spec.Command is not null))
            {
                Remove(open, pending.Spec, open);
            }
        }

        return open;
    }

    private static IEnumerable<string> AskedBy(StreamPart part) => part switch
    {
        InputRequestedPart requested => [requested.Interrupt.Id],
        InterruptsPart pause => pause.Interrupts.Select(static interrupt => interrupt.Id),
        _ => [],
    };

    /// <summary>Removes the interrupts that a run answers, or discards.</summary>
    /// <param name="open">The ids of those that wait.</param>
    /// <param name="run">What the run does.</param>
    /// <param name="before">The ids of those that waited before the run.</param>
    private static void Remove(HashSet<string> open, RunSpec run, HashSet<string> before)
    {
        var answer = AnswerOf(run);
        if (answer is { } map && ResumeAnswers.IsMap(map))
        {
            open.ExceptWith(map.EnumerateObject().Select(static one => one.Name));
        }
        else if (answer is not null || run.Input is not null || run.CheckpointId is not null)
        {
            open.ExceptWith(before);
        }
    }

    private static JsonElement? AnswerOf(RunSpec run) =>
        run.Command is { } command && command.TryGetProperty("resume"u8, out var resume) && resume.ValueKind != JsonValueKind.Null
            ? resume
            : null;

    private async ValueTask<HashSet<string>> ReadAsync(ThreadRecord thread, CancellationToken cancellationToken)
    {
        if (assistants.GraphOf(thread) is not { } graph)
        {
            return [];
        }

        var checkpointer = new ThreadCheckpointer(checkpoints, heads, thread.ThreadId);
        return await checkpointer.FindReadableAsync(graph.Schema, cancellationToken) is { } head
            ? [.. StateSnapshot.Of(graph, head).Interrupts.Select(static interrupt => interrupt.Id)]
            : [];
    }

    /// <summary>Returns the ids of the interrupts that waited when the last run or edit of a thread had ended.</summary>
    private static HashSet<string> Stored(ThreadRecord thread) => thread.Interrupts.Length <= 2
        ? []
        :
        [
            .. GraphJson.Parse(Encoding.UTF8.GetBytes(thread.Interrupts)).EnumerateObject()
                .SelectMany(static task => task.Value.EnumerateArray())
                .Select(static interrupt => interrupt.GetProperty("id"u8).GetString()!),
        ];
}
