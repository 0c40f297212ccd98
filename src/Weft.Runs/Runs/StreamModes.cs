using Weft.Graphs;

namespace Weft.Runs;

/// <summary>Stream modes by their names in the protocol (section D).</summary>
public static class StreamModes
{
    /// <summary>All modes of the protocol.</summary>
    public static IReadOnlyCollection<string> Known { get; } =
        ["values", "updates", "messages", "messages-tuple", "custom", "debug", "tasks", "checkpoints", "events", "tools"];

    /// <summary>
    /// The modes that are recorded for a run whose request named none: all modes that cost little as long as nobody reads them.
    /// The others repeat the same information in pieces, and <c>messages</c> and <c>events</c> do so for each token.
    /// </summary>
    internal const StreamMode Recorded =
        StreamMode.Values | StreamMode.Updates | StreamMode.MessagesTuple | StreamMode.Custom
        | StreamMode.Tasks | StreamMode.Checkpoints | StreamMode.Tools;

    /// <summary>All modes, with those that have no name in the first protocol.</summary>
    internal const StreamMode All = (StreamMode)int.MaxValue;

    /// <summary>What readers of the second protocol see of a run (docs/protocol/v2.md 5).</summary>
    internal const StreamMode OfThreads =
        StreamMode.Values | StreamMode.Updates | StreamMode.MessagesTuple | StreamMode.Custom | StreamMode.Tasks | StreamMode.Tools
        | StreamMode.Lifecycle | StreamMode.StateCheckpoints | StreamMode.Input | StreamMode.MessageBlocks;

    /// <summary>
    /// Those of <see cref="OfThreads"/> that can begin in the middle of a run: a reader understands each part without those before it.
    /// </summary>
    internal const StreamMode OfThreadsInTheMiddle =
        StreamMode.Values | StreamMode.Updates | StreamMode.Custom | StreamMode.Lifecycle | StreamMode.StateCheckpoints | StreamMode.Input;

    /// <summary>Returns the engine's modes for these names. Unknown names are ignored.</summary>
    public static StreamMode Parse(IEnumerable<string> modes)
    {
        ArgumentNullException.ThrowIfNull(modes);
        var parsed = StreamMode.None;
        foreach (var mode in modes)
        {
            parsed |= mode switch
            {
                "values" => StreamMode.Values,
                "updates" => StreamMode.Updates,
                "messages" => StreamMode.Messages,
                "messages-tuple" => StreamMode.MessagesTuple,
                "custom" => StreamMode.Custom,
                "tasks" => StreamMode.Tasks,
                "checkpoints" => StreamMode.Checkpoints,
                "debug" => StreamMode.Debug,
                "events" => StreamMode.Events,
                "tools" => StreamMode.Tools,
                // Of other protocols; no modes of the first.
                "lifecycle" => StreamMode.Lifecycle,
                "message-blocks" => StreamMode.MessageBlocks,
                _ => StreamMode.None,
            };
        }

        return parsed;
    }
}
