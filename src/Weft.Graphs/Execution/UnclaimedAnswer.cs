using System.Text.Json;

namespace Weft.Graphs;

/// <summary>
/// An answer that belongs to no particular question. The first question that is asked gets it. So a person can edit the
/// state of a thread that asked, which removes the question, and then answer.
/// </summary>
/// <param name="value">The answer.</param>
/// <param name="claimed">Called once, when the answer is claimed.</param>
internal sealed class UnclaimedAnswer(JsonElement value, Action claimed)
{
    private int _isClaimed;

    public JsonElement? TryClaim()
    {
        if (Interlocked.Exchange(ref _isClaimed, 1) != 0)
        {
            return null;
        }

        claimed();
        return value;
    }
}
