using System.Text.Json;

namespace Weft.Graphs;

/// <summary>
/// An answer to no question in particular: the first one that is asked gets it. So a person can edit the state of a
/// thread that asked, which takes the question away, and then answer.
/// </summary>
/// <param name="value">The answer.</param>
/// <param name="claimed">Called when it is claimed, once.</param>
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
