using System.Collections.Frozen;
using System.Text.Json;

namespace Weft.Graphs;

/// <summary>
/// The questions that the tasks of an open superstep wait on, and the outcomes that answers make of them.
/// </summary>
internal static class TaskAnswers
{
    /// <summary>
    /// The ids of the interrupts that a task is waiting on. A task that failed on an answer accepts another one
    /// instead.
    /// </summary>
    public static IEnumerable<string> QuestionsOf(NodeTask task) => task.Saved switch
    {
        { Interrupts: { Count: > 0 } interrupts } => interrupts.Select(interrupt => interrupt.Id),
        { Error: not null, Answers: { Count: > 0 } answers } => answers.Keys,
        { Error: not null } failed =>
        [
            .. failed.Questions.Where(question => question.Answer is not null).Select(question => question.Id),
            .. failed.Resumes.Count == 0 ? Array.Empty<string>() : [TaskIds.ForInterrupt(task.Namespace, failed.Resumes.Count - 1)],
        ],
        _ => [],
    };

    /// <summary>
    /// The outcome of a task that asked, with answers to its questions or to those of graphs inside it.
    /// </summary>
    public static TaskOutcome Give(NodeTask task, IReadOnlyDictionary<string, JsonElement> answers, string? runId) =>
        (task.Saved is { Error: not null, Interrupts.Count: 0 } failed
            ? Replaced(task, failed, answers)
            : Answered(task, task.Saved!, answers)).MadeBy(runId, task.Saved);

    /// <summary>
    /// The outcome of a task with its answers forgotten and its questions open again; the same if it never asked.
    /// </summary>
    public static TaskOutcome AskAgain(NodeTask task) => task.Saved! switch
    {
        { Resumes.Count: > 0 } => Asking(task, [], [TaskIds.ForInterrupt(task.Namespace, 0)]),
        { Questions: { Count: > 0 } questions } => Asking(task, questions, questions.Select(question => question.Id)),
        var outcome => outcome,
    };

    /// <summary>The outcome of a task whose graphs asked the questions of these ids, which are open again.</summary>
    public static TaskOutcome AskAgainInside(NodeTask task, IEnumerable<string> ids) => Asking(task, [], ids);

    /// <summary>The ids of the questions of a task that are open again, with those that the run has answered.</summary>
    public static IReadOnlySet<string> AskedAgain(NodeTask task) => task.Saved is { } saved
        ? saved.Interrupts.Select(interrupt => interrupt.Id).Concat(saved.Answers.Keys).ToHashSet()
        : FrozenSet<string>.Empty;

    private static TaskOutcome Asking(NodeTask task, IEnumerable<TaskQuestion> questions, IEnumerable<string> ids) => new()
    {
        TaskId = task.Id,
        Before = task.Saved! with { Before = null },
        Questions = [.. questions.Select(question => question with { Answer = null })],
        Interrupts = [.. ids.Select(id => new Interrupt(id, GraphJson.Null))],
    };

    /// <summary>The outcome of a task that failed, with other answers instead of those that it failed on.</summary>
    private static TaskOutcome Replaced(
        NodeTask task, TaskOutcome outcome, IReadOnlyDictionary<string, JsonElement> answers) => outcome with
        {
            Resumes = outcome.Resumes.Count > 0
                && answers.TryGetValue(TaskIds.ForInterrupt(task.Namespace, outcome.Resumes.Count - 1), out var better)
                    ? [.. outcome.Resumes.SkipLast(1), better]
                    : outcome.Resumes,
            Questions = Answered(outcome.Questions, answers),
            Answers = outcome.Answers.ToDictionary(given => given.Key, given => answers.GetValueOrDefault(given.Key, given.Value)),
            Error = null,
        };

    /// <summary>
    /// The outcome of a task that asked, with the answers to its questions that are open. An id that is not open
    /// answers nothing.
    /// </summary>
    private static TaskOutcome Answered(
        NodeTask task, TaskOutcome outcome, IReadOnlyDictionary<string, JsonElement> answers)
    {
        var given = outcome.Interrupts
            .Select(interrupt => interrupt.Id)
            .Distinct()
            .Where(answers.ContainsKey)
            .ToDictionary(id => id, id => answers[id]);
        var identified = outcome.Questions.Select(question => question.Id).ToHashSet();
        // Older outcomes have one id for all questions of a task.
        string[] inOrder = [TaskIds.ForInterrupt(task.Namespace, 0), TaskIds.ForInterrupt(task.Namespace, outcome.Resumes.Count)];
        return outcome with
        {
            Resumes = [.. outcome.Resumes, .. given.Where(answer => inOrder.Contains(answer.Key)).Select(answer => answer.Value)],
            Questions = Answered(outcome.Questions, given),
            Answers = given.Where(answer => !inOrder.Contains(answer.Key) && !identified.Contains(answer.Key)).ToDictionary(),
            Interrupts = [.. outcome.Interrupts.Where(interrupt => !given.ContainsKey(interrupt.Id))],
        };
    }

    private static IReadOnlyList<TaskQuestion> Answered(
        IReadOnlyList<TaskQuestion> questions, IReadOnlyDictionary<string, JsonElement> answers) =>
        [.. questions.Select(question => answers.TryGetValue(question.Id, out var answer) ? question with { Answer = answer } : question)];
}
