using Microsoft.Extensions.AI;
using Weft.Graphs;

namespace Weft.Agents;

/// <summary>Options of a <see cref="ChatGraph"/>.</summary>
/// <remarks>
/// <see cref="AgentGraphOptions"/> has more: instructions that depend on the state, views and summaries of long conversations, typed
/// answers. An agent without tools is a conversation too.
/// </remarks>
public sealed record ChatGraphOptions
{
    /// <summary>The name of the graph. Default: <c>chat</c>.</summary>
    public string Name { get; init; } = "chat";

    /// <summary>
    /// The instructions that the model gets before the conversation. They are not stored in the state. Default: none.
    /// </summary>
    public string? SystemPrompt { get; init; }

    /// <summary>The channel of the conversation. Give one to read it from code. Default: <c>messages</c>.</summary>
    public MessagesChannel Messages { get; init; } = Channel.Messages();

    /// <summary>Options of each call of the model. Default: none.</summary>
    public ChatOptions? ChatOptions { get; init; }

    /// <summary>
    /// What a run may ask of the model by <c>config.configurable</c>, as clients of OpenAI's API do. What <see cref="ChatOptions"/> has is
    /// not changed by it. Default: all.
    /// </summary>
    public CallerSettings CallerMaySet { get; init; } = CallerSettings.All;
}
