using Weft.Graphs;

namespace Weft.Agents;

/// <summary>How a <see cref="GraphChatClient"/> is heard in the streams of runs.</summary>
public sealed record GraphChatClientOptions
{
    /// <summary>
    /// What it is called in the stream mode <c>events</c>; null: the name of the wrapped client's type. Default: null.
    /// </summary>
    public string? Name { get; init; }

    /// <summary>
    /// What its events and messages are tagged with. With <see cref="StreamTags.NoStream"/>, what it says is not
    /// streamed piece by piece. Default: nothing.
    /// </summary>
    public IReadOnlyList<string> Tags { get; init; } = [];
}
