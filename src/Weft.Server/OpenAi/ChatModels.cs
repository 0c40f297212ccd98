using Weft.Graphs;
using Weft.Runs;

namespace Weft.Server;

/// <summary>The assistants that can answer a conversation: those whose graphs have the channel <c>messages</c>.</summary>
internal sealed class ChatModels(AssistantDirectory assistants)
{
    public IEnumerable<AssistantRecord> All => assistants.All.Where(IsModel);

    /// <summary>Returns an assistant by its id or the id of its graph.</summary>
    /// <exception cref="WeftException">It does not exist, or can't answer a conversation.</exception>
    public AssistantRecord Get(string model) =>
        assistants.Find(model) is { } found && IsModel(found) ? found : throw OpenAiErrors.ModelNotFound(model);

    private static bool IsModel(AssistantRecord assistant) =>
        assistant.Graph.Graph.Schema.TryFind("messages", out var channel) && channel is MessagesChannel;
}
