using Microsoft.Extensions.AI;
using Weft.Graphs;

namespace Weft.Agents;

/// <summary>Chat clients in nodes.</summary>
public static class GraphChatClientExtensions
{
    /// <summary>
    /// Returns a client that streams to the run of the node that calls it; <paramref name="client"/> itself, when it
    /// does so already.
    /// </summary>
    /// <param name="client">The client.</param>
    /// <param name="options">How it is heard; null: as by default.</param>
    /// <exception cref="ArgumentException">
    /// There are options, but the client streams already and has its own.
    /// </exception>
    public static IChatClient StreamToGraph(this IChatClient client, GraphChatClientOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        if (client.GetService<GraphChatClient>() is null)
        {
            return new GraphChatClient(client, options);
        }

        return options is null
            ? client
            : throw new ArgumentException("The client streams to the graph already, with options of its own.", nameof(options));
    }

    /// <summary>
    /// Asks the model and returns its answer, with the id under which it was streamed. When the client has run tools on
    /// the way, this is the last message; <see cref="GetMessagesAsync"/> returns all.
    /// </summary>
    /// <param name="client">The model.</param>
    /// <param name="history">What was said before, as a messages channel has it.</param>
    /// <param name="options">Options of the call.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="InvalidOperationException">The model answered with no message at all.</exception>
    public static async Task<Message> GetMessageAsync(
        this IChatClient client, IEnumerable<Message> history, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var messages = await client.GetMessagesAsync(history, options, cancellationToken);
        return messages.Count > 0 ? messages[^1] : throw new InvalidOperationException("The model answered with no message.");
    }

    /// <summary>Asks the model and returns all messages of its response.</summary>
    public static async Task<IReadOnlyList<Message>> GetMessagesAsync(
        this IChatClient client, IEnumerable<Message> history, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(history);
        var response = await client.StreamToGraph().GetResponseAsync(history.ToChatMessages(), options, cancellationToken);
        return response.ToMessages();
    }
}
