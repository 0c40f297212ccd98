using Weft.Graphs;

namespace Weft.Runs;

/// <summary>Stream modes by their names on the wire (protocol, section D).</summary>
public static class StreamModes
{
    /// <summary>Every mode that the protocol knows.</summary>
    public static IReadOnlyCollection<string> Known { get; } =
        ["values", "updates", "messages", "messages-tuple", "custom", "debug", "tasks", "checkpoints", "events", "tools"];

    /// <summary>
    /// What is recorded of a run whose request named no mode: all that costs little as long as nobody reads it. The modes
    /// left out say the same once more, piece by piece, and <c>messages</c> and <c>events</c> do so with each token.
    /// </summary>
    internal const StreamMode Recorded =
        StreamMode.Values | StreamMode.Updates | StreamMode.MessagesTuple | StreamMode.Custom | StreamMode.Tasks | StreamMode.Checkpoints | StreamMode.Tools;

    /// <summary>Returns what the engine is to tell for these modes.</summary>
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
                _ => StreamMode.None,
            };
        }

        return parsed;
    }

    /// <summary>Returns the mode as it is meant where <c>messages</c> asks for tuples (<see cref="RunDefaults.MessagesMeansTuples"/>).</summary>
    public static string WithTuples(string mode) => mode == "messages" ? "messages-tuple" : mode;

    /// <summary>Whether an event of this name, with or without a namespace, is one of the mode's.</summary>
    internal static bool IsEventOf(string mode, ReadOnlySpan<char> name) => mode switch
    {
        "messages" => name.StartsWith("messages/"),
        "messages-tuple" => IsNamed(name, "messages"),
        _ => IsNamed(name, mode),
    };

    private static bool IsNamed(ReadOnlySpan<char> name, string mode) => name.StartsWith(mode) && (name.Length == mode.Length || name[mode.Length] == '|');
}
