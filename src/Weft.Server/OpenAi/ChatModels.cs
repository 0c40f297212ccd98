using Weft.Graphs;
using Weft.Runs;

namespace Weft.Server;

/// <summary>The assistants that can answer a conversation: those whose graphs have the channel <c>messages</c>.</summary>
internal sealed class ChatModels(AssistantsFacade assistants, AssistantDirectory graphs, WeftServerOptions options)
{
    /// <summary>
    /// Returns those of the graphs, and then the actor's own, the oldest first: of at most as many assistants as a page of a search has.
    /// </summary>
    public async Task<(IReadOnlyList<ChatModel> Models, bool HasMore)> ListAsync(Actor actor, CancellationToken cancellationToken)
    {
        var query = new AssistantQuery { Limit = options.PageSizeMax, Descending = false };
        var page = await assistants.OpenSearchAsync(actor, query, cancellationToken);
        return (await page.Where(IsModel).Select(ModelOf).ToListAsync(cancellationToken), page.Total > page.Count);
    }

    /// <summary>Returns an assistant by its id or the id of its graph.</summary>
    /// <exception cref="WeftException">It does not exist, or can't answer a conversation.</exception>
    public async Task<AssistantRecord> GetAsync(Actor actor, string model, CancellationToken cancellationToken) =>
        await assistants.FindAsync(actor, model, cancellationToken) is { } found && IsModel(found)
            ? found
            : throw OpenAiErrors.ModelNotFound(model);

    /// <summary>Returns the id by which clients name the assistant: that of the graph, if it is the graph's assistant.</summary>
    public string IdOf(AssistantRecord assistant) =>
        graphs.Find(assistant.AssistantId)?.GraphId ?? assistant.AssistantId.ToString();

    private ChatModel ModelOf(AssistantRecord assistant) => new(IdOf(assistant), assistant.CreatedAt);

    private bool IsModel(AssistantRecord assistant) =>
        graphs.FindGraph(assistant.GraphId)?.Graph.Schema.TryFind("messages", out var channel) is true && channel is MessagesChannel;
}

/// <summary>An assistant in a list of models, which has many.</summary>
/// <param name="Id">The id by which clients name it.</param>
/// <param name="CreatedAt">When it was created.</param>
internal readonly record struct ChatModel(string Id, DateTimeOffset CreatedAt);
