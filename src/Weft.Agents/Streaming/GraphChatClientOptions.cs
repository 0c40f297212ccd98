using Weft.Graphs;

namespace Weft.Agents;

/// <summary>How the calls of a <see cref="GraphChatClient"/> appear in the streams of runs.</summary>
public sealed record GraphChatClientOptions
{
    /// <summary>
    /// The name of the client in the stream mode <c>events</c>. If null, the name of the wrapped client's type is used.
    /// Default: null.
    /// </summary>
    public string? Name { get; init; }

    /// <summary>
    /// The tags of its events and messages. With <see cref="StreamTags.NoStream"/>, its messages are not streamed in
    /// pieces. Default: none.
    /// </summary>
    public IReadOnlyList<string> Tags { get; init; } = [];
}
