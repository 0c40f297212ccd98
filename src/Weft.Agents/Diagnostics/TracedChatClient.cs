using System.Diagnostics;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Weft.Graphs;

namespace Weft.Agents;

/// <summary>
/// Reports calls of the model as spans inside the span of the node. A client that has an <see cref="ActivitySource"/>,
/// such as one made by <c>UseOpenTelemetry</c>, reports its calls itself, with more attributes, and is not wrapped.
/// </summary>
internal sealed class TracedChatClient(IChatClient client) : DelegatingChatClient(client)
{
    public static IChatClient Wrap(IChatClient client) =>
        client.GetService<ActivitySource>() is null ? new TracedChatClient(client) : client;

    /// <summary>The source, so that clients that run tools report their calls too.</summary>
    public override object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceType == typeof(ActivitySource) && serviceKey is null ? Tracing.Source : base.GetService(serviceType, serviceKey);

    public override Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        Tracing.IsObserved && NodeContext.Current is { } context
            ? GetTracedAsync(messages, options, context, cancellationToken)
            : base.GetResponseAsync(messages, options, cancellationToken);

    public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        Tracing.IsObserved && NodeContext.Current is { } context
            ? StreamTracedAsync(messages, options, context, cancellationToken)
            : base.GetStreamingResponseAsync(messages, options, cancellationToken);

    private async Task<ChatResponse> GetTracedAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options, NodeContext context, CancellationToken cancellationToken)
    {
        using var span = ChatSpan.Start(context, InnerClient.ModelInfoOf(options));
        try
        {
            var response = await base.GetResponseAsync(messages, options, cancellationToken);
            span?.Add(response);
            return response;
        }
        catch (Exception error) when (Tracing.IsFailure(error, cancellationToken))
        {
            span?.Fail(error);
            throw;
        }
    }

    private async IAsyncEnumerable<ChatResponseUpdate> StreamTracedAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options,
        NodeContext context,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var span = ChatSpan.Start(context, InnerClient.ModelInfoOf(options));
        await using var updates = base.GetStreamingResponseAsync(messages, options, cancellationToken)
            .GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            try
            {
                if (!await updates.MoveNextAsync())
                {
                    yield break;
                }
            }
            catch (Exception error) when (Tracing.IsFailure(error, cancellationToken))
            {
                span?.Fail(error);
                throw;
            }

            span?.Add(updates.Current);
            yield return updates.Current;
            span?.Enter();
        }
    }
}
