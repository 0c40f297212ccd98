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
    /// <param name="number">The number of the event in the log of the run; null for the start of an attempt and the end.</param>
    /// <param name="attempt">The attempt whose start it is; 0 for other events.</param>
    public static bool TryParse(string id, out RunId runId, out long? number, out int attempt)
    {
        (number, attempt) = (null, 0);
        var isLifecycle = id.StartsWith(Lifecycle, StringComparison.Ordinal);
        var parts = (isLifecycle ? id[Lifecycle.Length..] : id).Split(':');
        if (!RunId.TryParse(parts[0], null, out runId) || parts.Length < 2)
        {
            return false;
        }

        if (isLifecycle)
        {
            attempt = parts[1] == "running" ? 1 : 0;
            return attempt == 0 || parts.Length == 2
                || (int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out attempt) && attempt > 0);
        }

        var isNumber = long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var given);
        number = given;
        return isNumber;
    }
}
