using Microsoft.Extensions.AI;
using Weft.Graphs;

namespace Weft.Agents;

/// <summary>Extensions for chat clients in nodes.</summary>
public static class GraphChatClientExtensions
{
    /// <summary>
    /// Returns a client that streams to the run of the node that calls it; <paramref name="client"/> itself if it
    /// already does.
    /// </summary>
    /// <param name="client">The client.</param>
    /// <param name="options">How its calls appear in streams; null means the defaults.</param>
    /// <exception cref="ArgumentException">
    /// Options are given, but the client already streams with options of its own.
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
            : throw new ArgumentException("The client already streams to the graph, with options of its own.", nameof(options));
    }

    /// <summary>
    /// Calls the model and returns its answer, with the id under which it was streamed. If the client has run tools
    /// meanwhile, this is the last message; <see cref="GetMessagesAsync"/> returns all.
    /// </summary>
    /// <param name="client">The model.</param>
    /// <param name="history">The conversation so far, as a messages channel has it.</param>
    /// <param name="options">Options of the call.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="InvalidOperationException">The model returned no message.</exception>
    public static async Task<Message> GetMessageAsync(
        this IChatClient client, IEnumerable<Message> history, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var messages = await client.GetMessagesAsync(history, options, cancellationToken);
        return messages.Count > 0 ? messages[^1] : throw new InvalidOperationException("The model returned no message.");
    }

    /// <summary>Calls the model and returns all messages of its response.</summary>
    public static async Task<IReadOnlyList<Message>> GetMessagesAsync(
        this IChatClient client, IEnumerable<Message> history, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(history);
        var response = await client.StreamToGraph().GetResponseAsync(history.ToChatMessages(), options, cancellationToken);
        return response.ToMessages();
    }
}
