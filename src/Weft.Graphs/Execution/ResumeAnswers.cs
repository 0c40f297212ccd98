using System.Text.Json;

namespace Weft.Graphs;

/// <summary>Matches the answer of a resume to the interrupts that are pending (docs/protocol/runs.md C7).</summary>
internal static class ResumeAnswers
{
    /// <summary>Returns the answers by interrupt id.</summary>
    /// <exception cref="ResumeException">Several are pending and the answer does not say which it is for.</exception>
    public static IReadOnlyDictionary<string, JsonElement> Match(JsonElement answer, bool strict, IReadOnlyList<string> pendingIds)
    {
        if (IsMap(answer))
        {
            var unknown = answer.EnumerateObject().Select(member => member.Name).Except(pendingIds).ToList();
            if (strict && unknown.Count > 0)
            {
                throw new UnknownInterruptException($"No pending interrupt has the id {string.Join(", ", unknown)}.")
                {
                    InterruptIds = unknown,
                    PendingIds = pendingIds,
                };
            }

            return pendingIds.Where(id => answer.TryGetProperty(id, out _)).ToDictionary(id => id, id => answer.GetProperty(id).Clone());
        }

        return pendingIds.Count > 1
            ? throw new ResumeException(
                "When there are multiple pending interrupts, you must specify the interrupt id when resuming: an "
                    + "object of interrupt id to value.")
            : pendingIds.ToDictionary(id => id, _ => answer.Clone());
    }

    /// <summary>Returns the ids that an answer names; null if it is one value.</summary>
    public static IReadOnlySet<string>? IdsOf(JsonElement answer) =>
        IsMap(answer) ? answer.EnumerateObject().Select(member => member.Name).ToHashSet() : null;

    /// <summary>
    /// An object whose keys are all 32 hex digits is a map of interrupt id to value; anything else is one value.
    /// </summary>
    public static bool IsMap(JsonElement answer) =>
        answer.ValueKind == JsonValueKind.Object && answer.EnumerateObject().Any()
        && answer.EnumerateObject().All(member => member.Name.Length == 32 && member.Name.All(char.IsAsciiHexDigit));
}
