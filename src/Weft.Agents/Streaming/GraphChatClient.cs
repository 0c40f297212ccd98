using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Weft.Graphs;

namespace Weft.Agents;

/// <summary>
/// Streams the response of a model to the run whose node called it, while it is made. Each update becomes a chunk of
/// the stream modes <c>messages-tuple</c> and <c>messages</c> (docs/protocol/streaming.md D5 and D6), whether or not
/// the node asks for a streaming response. The mode <c>events</c> reports the call from start to end.
/// </summary>
/// <remarks>
/// Inside a node every message of a response has an id, the same in the stream and in the response. It is the id of the
/// provider, or a new one if the provider sends none or one that a message of the history has. Nothing is streamed
/// outside of a node. No message is streamed if the client, the node or the call has the tag
/// <see cref="StreamTags.NoStream"/>. The tags of a call are in <see cref="ChatOptions.AdditionalProperties"/>
/// (<c>"tags"</c>, a string or a list). Other tags of client and call are in the metadata of the streamed messages.
/// </remarks>
public sealed class GraphChatClient : DelegatingChatClient
{
    private readonly GraphChatClientOptions _options;
    private readonly string _name;

    /// <summary>Wraps a client.</summary>
    /// <param name="innerClient">The client.</param>
    /// <param name="options">How its calls appear in streams; null means the defaults.</param>
    public GraphChatClient(IChatClient innerClient, GraphChatClientOptions? options = null)
        : base(TracedChatClient.Wrap(NotNull(innerClient)))
    {
        _options = options ?? new GraphChatClientOptions();
        _name = _options.Name ?? innerClient.GetType().Name;
    }

    /// <inheritdoc />
    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        if (NodeContext.Current is not { } context)
        {
            return await base.GetResponseAsync(messages, options, cancellationToken);
        }

        IReadOnlyCollection<ChatMessage> history = messages as IReadOnlyCollection<ChatMessage> ?? [.. messages];
        var timed = StartCall(context, options);
        try
        {
            var response = await RespondAsync(history, options, context, timed, cancellationToken);
            timed?.End();
            return response;
        }
        catch (Exception error) when (timed is not null)
        {
            timed.Fail(error);
            throw;
        }
    }

    /// <inheritdoc />
    public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        if (NodeContext.Current is not { } context)
        {
            return base.GetStreamingResponseAsync(messages, options, cancellationToken);
        }

        IReadOnlyCollection<ChatMessage> history = messages as IReadOnlyCollection<ChatMessage> ?? [.. messages];
        return StreamAsync(history, options, new MessageIds(history, context.Time), context, cancellationToken);
    }

    private async Task<ChatResponse> RespondAsync(
        IReadOnlyCollection<ChatMessage> history,
        ChatOptions? options,
        NodeContext context,
        TimedCall? timed,
        CancellationToken cancellationToken)
    {
        var ids = new MessageIds(history, context.Time);
        if (Listen(context, history, options) is { } chunks)
        {
            var collector = new UpdateCollector();
            var updates = base.GetStreamingResponseAsync(history, options, cancellationToken);
            await foreach (var update in updates.WithCancellation(cancellationToken))
            {
                var identified = ids.Identify(update);
                ReportedUsage.Add(context, identified, InnerClient, options, timed);
                chunks.Emit(identified);
                collector.Add(identified);
            }

            var heard = collector.ToResponse();
            chunks.End(heard);
            return heard;
        }

        var response = await base.GetResponseAsync(history, options, cancellationToken);
        response.Messages = [.. response.Messages.Select(ids.Identify)];
        ReportedUsage.Add(context, response, InnerClient, options, timed);
        return response;
    }

    private async IAsyncEnumerable<ChatResponseUpdate> StreamAsync(
        IReadOnlyCollection<ChatMessage> history,
        ChatOptions? options,
        MessageIds ids,
        NodeContext context,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var chunks = Listen(context, history, options);
        var collector = chunks is { NeedsResponse: true } ? new UpdateCollector() : null;
        var timed = StartCall(context, options);
        await using var updates = base.GetStreamingResponseAsync(history, options, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            try
            {
                if (!await updates.MoveNextAsync())
                {
                    break;
                }
            }
            catch (Exception error) when (timed is not null)
            {
                timed.Fail(error);
                throw;
            }

            var identified = ids.Identify(updates.Current);
            ReportedUsage.Add(context, identified, InnerClient, options, timed);
            chunks?.Emit(identified);
            collector?.Add(identified);
            yield return identified;
        }

        timed?.End();
        chunks?.End(collector?.ToResponse());
    }

    /// <summary>Returns the stream of the call's chunks; null if nobody listens.</summary>
    private ChunkStream? Listen(NodeContext context, IReadOnlyCollection<ChatMessage> history, ChatOptions? options)
    {
        var model = ModelOf(options);
        var messages = context.Messages.IsRequested && !model.Tags.Any(StreamTags.IsNoStream) ? context.Messages : null;
        var events = context.Events.IsRequested ? ModelEvents.Start(context.Events, _name, history, model) : null;
        return messages is null && events is null ? null : new ChunkStream(messages, events, model);
    }

    private TimedCall? StartCall(NodeContext context, ChatOptions? options) => context.IsTimed
        ? context.StartCall(TimelineKind.Model, null, _name, InnerClient.ModelInfoOf(options).Name)
        : null;

    private ModelInfo ModelOf(ChatOptions? options) =>
        InnerClient.ModelInfoOf(options) with { Tags = [.. _options.Tags, .. TagsOf(options)] };

    private static IChatClient NotNull(IChatClient innerClient)
    {
        ArgumentNullException.ThrowIfNull(innerClient);
        return innerClient;
    }

    private static IReadOnlyList<string> TagsOf(ChatOptions? options) =>
        options?.AdditionalProperties?.TryGetValue("tags", out var tags) != true ? [] : tags switch
        {
            string tag => [tag],
            IEnumerable<string> list => [.. list],
            JsonElement { ValueKind: JsonValueKind.Array } json =>
                [.. json.EnumerateArray().Where(tag => tag.ValueKind == JsonValueKind.String).Select(tag => tag.GetString()!)],
            _ => [],
        };
}
