using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Weft.Graphs;

/// <summary>The channels of a graph, numbered, with the names under which they are found.</summary>
public sealed class ChannelSchema
{
    private readonly Dictionary<string, int> _indices;

    internal ChannelSchema(IReadOnlyList<StateChannel> channels)
    {
        Channels = [.. channels];
        Encoded = [.. channels.Select(channel => JsonEncodedText.Encode(channel.Name, GraphJson.WriterOptions.Encoder))];
        _indices = Channels.Select((channel, index) => (channel.Name, index)).ToDictionary(pair => pair.Name, pair => pair.index);
        Whole = Array.Find(Channels, channel => channel.IsWhole);
        HasEphemeral = Array.Exists(Channels, channel => channel.IsEphemeral);
        HasUntracked = Array.Exists(Channels, channel => !channel.IsTracked);
        Initial = new ChannelValues(this, [.. Channels.Select(channel => channel.Initial)]);
    }

    /// <summary>
    /// The schema for stored states of an unknown graph: each channel that a checkpoint has, with its value as JSON.
    /// </summary>
    public static ChannelSchema AsStored { get; } = new([]) { IsOpen = true };

    /// <summary>The state before the first write.</summary>
    public ChannelValues Initial { get; }

    internal StateChannel[] Channels { get; }

    /// <summary>Whether its channels are those that stored checkpoints have.</summary>
    internal bool IsOpen { get; private init; }

    /// <summary>The channel whose value is the whole state; null if there is none.</summary>
    internal StateChannel? Whole { get; }

    /// <summary>Whether the value of a channel is removed at the end of a superstep.</summary>
    internal bool HasEphemeral { get; }

    /// <summary>Whether there is a channel that checkpoints do not store.</summary>
    internal bool HasUntracked { get; }

    internal JsonEncodedText[] Encoded { get; }

    internal bool TryFind(string name, [NotNullWhen(true)] out StateChannel? channel)
    {
        channel = _indices.TryGetValue(name, out var index) ? Channels[index] : null;
        return channel is not null;
    }

    /// <summary>Finds a channel by the name that passed values have for it (<see cref="GraphJson.PassedNameOf"/>).</summary>
    internal bool TryFindPassed(string name, [NotNullWhen(true)] out StateChannel? channel)
    {
        channel = Channels.FirstOrDefault(channel => GraphJson.PassedNameOf(channel.Name) == name);
        return channel is not null;
    }

    /// <summary>Returns the schema with channels of these names after its own.</summary>
    internal ChannelSchema With(IEnumerable<string> names)
    {
        StateChannel[] more = [.. names.Where(name => !_indices.ContainsKey(name)).Distinct().Select(StoredChannel.Of)];
        return more.Length == 0 ? this : new ChannelSchema([.. Channels, .. more]) { IsOpen = true };
    }

    /// <summary>
    /// Returns the index of the channel that has the name and the types of this one, such as that of the state of which another
    /// state is a part.
    /// </summary>
    internal int IndexOfSame(StateChannel channel) =>
        _indices.TryGetValue(channel.Name, out var index) && Channels[index].HasTypesOf(channel) ? index : IndexOf(channel);

    internal int IndexOf(StateChannel channel) =>
        _indices.TryGetValue(channel.Name, out var index) && ReferenceEquals(Channels[index], channel)
            ? index
            : throw new InvalidUpdateException(_indices.ContainsKey(channel.Name)
                ? $"The graph has another channel '{channel.Name}': use the one that was added with AddChannel."
                : $"The graph has no channel '{channel.Name}': add it with AddChannel.");
}
