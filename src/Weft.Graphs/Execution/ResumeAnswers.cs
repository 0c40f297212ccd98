using System.Text.Json;

namespace Weft.Graphs;

/// <summary>Matches the answer of a resume to the interrupts that are pending (protocol, section C7).</summary>
internal static class ResumeAnswers
{
    public static IEnumerable<(TaskOutcome Outcome, JsonElement Answer)> Match(JsonElement answer, bool strict, IReadOnlyList<TaskOutcome> pending)
    {
        if (IsMap(answer))
        {
            var unknown = answer.EnumerateObject().Select(member => member.Name).Except(pending.SelectMany(outcome => outcome.Interrupts).Select(interrupt => interrupt.Id)).ToList();
            if (strict && unknown.Count > 0)
            {
                throw new UnknownInterruptException($"No pending interrupt has the id {string.Join(", ", unknown)}.");
            }

            return pending
                .Where(outcome => answer.TryGetProperty(outcome.Interrupts[0].Id, out _))
                .Select(outcome => (outcome, answer.GetProperty(outcome.Interrupts[0].Id).Clone()));
        }

        return pending.Count > 1
            ? throw new ResumeException("When there are multiple pending interrupts, you must specify the interrupt id when resuming: an object of interrupt id to value.")
            : pending.Select(outcome => (outcome, answer.Clone()));
    }

    /// <summary>An object whose keys are all 32 hex digits is a map of interrupt id to value; anything else is one value.</summary>
    private static bool IsMap(JsonElement answer) =>
        answer.ValueKind == JsonValueKind.Object && answer.EnumerateObject().Any()
        && answer.EnumerateObject().All(member => member.Name.Length == 32 && member.Name.All(char.IsAsciiHexDigit));
}
