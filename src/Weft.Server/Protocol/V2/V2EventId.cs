using System.Globalization;
using Weft.Runs;

namespace Weft.Server;

/// <summary>Reads the ids of events (docs/protocol/v2.md 4).</summary>
internal static class V2EventId
{
    private const string Lifecycle = "synth:";

    /// <summary>Reads an id.</summary>
    /// <param name="id">The id.</param>
    /// <param name="runId">The run.</param>
    /// <param name="number">The number of the event in the log of the run; null for its end.</param>
    public static bool TryParse(string id, out RunId runId, out long? number)
    {
        number = 0;
        var isLifecycle = id.StartsWith(Lifecycle, StringComparison.Ordinal);
        var parts = (isLifecycle ? id[Lifecycle.Length..] : id).Split(':');
        if (!RunId.TryParse(parts[0], null, out runId) || parts.Length < 2)
        {
            return false;
        }

        if (isLifecycle)
        {
            // A run starts with its first event. Where a later attempt starts is not in the id.
            number = parts[1] == "running" ? 0 : null;
            return true;
        }

        var isNumber = long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var given);
        number = given;
        return isNumber;
    }
}
