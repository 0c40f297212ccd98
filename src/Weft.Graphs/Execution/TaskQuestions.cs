using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Weft.Graphs;

/// <summary>The questions that one try of a task asks. Code of the task may ask several at the same time.</summary>
/// <remarks>
/// A question with a key is identified by that key. While a task asks its other questions one at a time, each is
/// identified by its order, because the text of a question may differ from try to try (a time in it, for example). When
/// several of them were open at once the order is an accident of timing. From then on the content of a question
/// identifies it.
/// </remarks>
internal sealed class TaskQuestions(NodeAttempt attempt, NodeTask task, string? runId)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Text, bool IsKey), int> _asked = [];
    private readonly List<(TaskQuestion Question, JsonElement Value, JsonElement? Schema)> _open = [];
    private readonly List<Interrupt> _inside = [];
    private int _answeredInOrder;

    /// <summary>Asks a question.</summary>
    /// <param name="value">The question.</param>
    /// <param name="key">Its key; null if its content or its order identifies it.</param>
    /// <param name="findSchema">Finds the JSON Schema of the answer, if the question is open; null if it has none.</param>
    /// <param name="unclaimed">The answer to the first question that is asked; null if there is none.</param>
    /// <param name="journal">Keeps that the task took that answer.</param>
    /// <returns>The answer; null if the question is open.</returns>
    public JsonElement? Ask(
        JsonElement value, string? key, Func<JsonElement?>? findSchema, UnclaimedAnswer? unclaimed, ITaskJournal? journal)
    {
        lock (_lock)
        {
            var question = Identify(value, key);
            var known = Known.FirstOrDefault(known => known.Id == question.Id);
            if (known?.Answer is { } answer)
            {
                return answer;
            }

            if (attempt.IsOver)
            {
                // The node has ended without this piece of its work.
                return null;
            }

            if (known is null && !question.HasKey && _answeredInOrder < Resumes.Count)
            {
                return Resumes[_answeredInOrder++];
            }

            if (unclaimed?.TryClaim() is { } taken)
            {
                _ = journal?.KeepAsync(Take(question, taken));
                return taken;
            }

            _open.Add((question, value, findSchema?.Invoke()));
            return null;
        }
    }

    /// <summary>Adds the questions of a graph inside the task that paused.</summary>
    public void AddInside(IReadOnlyList<Interrupt> interrupts)
    {
        lock (_lock)
        {
            _inside.AddRange(interrupts);
        }
    }

    /// <summary>Ends the try and gives the task all questions that are open.</summary>
    public void Pause()
    {
        lock (_lock)
        {
            attempt.Finish();
            var byContent = IsByContent || _open.Count(open => !open.Question.HasKey) > 1;
            var identified = _open.Where(open => byContent || open.Question.HasKey).Select(open => open.Question);
            task.Asked = [.. Known, .. identified.ExceptBy(Known.Select(known => known.Id), question => question.Id)];
            task.OwnInterrupts = _open.Count;
            task.Interrupts =
            [
                .. _open.Select(open => new Interrupt(
                    byContent || open.Question.HasKey ? open.Question.Id : TaskIds.ForInterrupt(task.Namespace, Resumes.Count),
                    open.Value)
                {
                    ResponseSchema = open.Schema,
                }),
                .. _inside,
            ];
        }
    }

    private IReadOnlyList<JsonElement> Resumes => task.Saved?.Resumes ?? [];

    private IReadOnlyList<TaskQuestion> Known => task.Saved?.Questions ?? [];

    private bool IsByContent => Known.Any(question => !question.HasKey);

    private TaskQuestion Identify(JsonElement value, string? key)
    {
        var text = key ?? Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8Value(value));
        ref var times = ref CollectionsMarshal.GetValueRefOrAddDefault(_asked, (text, key is not null), out _);
        return new TaskQuestion(TaskIds.ForQuestion(task.Namespace, text, isKey: key is not null, times++), key is not null, null);
    }

    private TaskOutcome Take(TaskQuestion question, JsonElement answer)
    {
        var before = task.Saved ?? new TaskOutcome { TaskId = task.Id };
        if (question.HasKey || IsByContent)
        {
            task.Saved = (before with
            {
                Questions = [.. before.Questions.Where(known => known.Id != question.Id), question with { Answer = answer }],
            }).MadeBy(runId, task.Saved);
        }
        else
        {
            task.Saved = (before with { Resumes = [.. before.Resumes, answer] }).MadeBy(runId, task.Saved);
            _answeredInOrder++;
        }

        return task.Saved;
    }
}
