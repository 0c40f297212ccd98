namespace Weft.Graphs;

/// <summary>
/// What a run's stream tells (docs/protocol/streaming.md D3 to D8). Several may be asked for at once.
/// </summary>
[Flags]
public enum StreamMode
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The whole state after each superstep.</summary>
    Values = 1,

    /// <summary>What each node wrote.</summary>
    Updates = 2,

    /// <summary>The pieces of chat messages as models make them.</summary>
    MessagesTuple = 4,

    /// <summary>What nodes write to the stream themselves.</summary>
    Custom = 8,

    /// <summary>
    /// Chat messages as far as they have come, accumulated: <c>messages/metadata</c>, <c>messages/partial</c>,
    /// <c>messages/complete</c>.
    /// </summary>
    Messages = 16,

    /// <summary>The start and the result of each task.</summary>
    Tasks = 32,

    /// <summary>Each checkpoint as it is made.</summary>
    Checkpoints = 64,

    /// <summary><see cref="Tasks"/> and <see cref="Checkpoints"/>, wrapped with step and time.</summary>
    Debug = 128,

    /// <summary>What models, tools and nodes do, as LangChain's events of version 2.</summary>
    Events = 256,

    /// <summary>The life of tool calls.</summary>
    Tools = 512,

    /// <summary>
    /// When graphs inside nodes start and end, if the stream reports them (<see cref="GraphRunOptions.StreamSubgraphs"/>).
    /// </summary>
    Lifecycle = 1024,

    /// <summary>The checkpoint of each state, before the state. No name of the first protocol selects this mode.</summary>
    StateCheckpoints = 2048,

    /// <summary>The questions that nodes ask, and which of them were answered.</summary>
    Input = 4096,

    /// <summary>
    /// The content blocks of chat messages. Requires <see cref="MessagesTuple"/>, whose pieces of text are the text of the
    /// blocks.
    /// </summary>
    MessageBlocks = 8192,
}
