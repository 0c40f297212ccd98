using System.Text.Json;

namespace Weft.Graphs;

/// <summary>
/// An answer to no question in particular: the first one that is asked gets it. So a person can edit the state of a
/// thread that asked, which takes the question away, and then answer.
/// </summary>
/// <param name="value">The answer.</param>
/// <param name="taken">Called when it is taken, once.</param>
internal sealed class OpenAnswer(JsonElement value, Action taken)
{
    private int _isTaken;

    public JsonElement? TryTake()
    {
        if (Interlocked.Exchange(ref _isTaken, 1) != 0)
        {
            return null;
        }

        taken();
        return value;
    }
}
