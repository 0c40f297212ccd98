using Microsoft.Extensions.AI;

namespace Weft.Testing;

/// <summary>A call that a <see cref="ScriptedChatClient"/> got.</summary>
/// <param name="Messages">The conversation that the model was given.</param>
/// <param name="Options">Its options, such as the tools; null if there were none.</param>
/// <param name="IsStreaming">Whether the answer was asked for in pieces.</param>
public sealed record ModelCall(IReadOnlyList<ChatMessage> Messages, ChatOptions? Options, bool IsStreaming)
{
    /// <summary>The text of the last message.</summary>
    public string LastText => Messages is [.., var last] ? last.Text : "";

    /// <summary>The names of the tools that the model could call.</summary>
    public IReadOnlyList<string> Tools => [.. Options?.Tools?.Select(tool => tool.Name) ?? []];
}
