using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using Weft.Runs;
using static Weft.Server.AccessAction;

namespace Weft.Server;

/// <summary>The feed of the changes of all threads (docs/protocol/weft.md 3).</summary>
internal sealed class FeedEndpoints(
    EventFeed feed,
    IThreadStore threads,
    WeftServerOptions options,
    ServerMetrics metrics,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    IFeedSources? sources)
{
    public void Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapMethods("/weft/events", Verbs.Read, (Delegate)StreamAsync).WithAccess(AccessResource.Server, Read).WithTags("Overview")
            .Reads(Parameters.LastEventId).ReturnsEvents().WithSummary("Stream what changes on all threads");

    private async Task StreamAsync(HttpContext http)
    {
        EventStreams.SetHeaders(http);
        if (HttpMethods.IsHead(http.Request.Method))
        {
            return;
        }

        var (after, isLost) = ReadStart(http.Request.Headers["Last-Event-ID"].ToString());
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lifetime.ApplicationStopping);
        var actor = Requests.ActorOf(http);
        using var reader = feed.Open(actor.Id, after);
        if (sources is not null)
        {
            await sources.FollowAsync(http.RequestAborted);
        }

        using var writer = new FeedWriter(
            http.Response.BodyWriter, reader, feed.Generation, SeesAsync, options.HeartbeatInterval, time);
        metrics.ReaderOpened();
        try
        {
            await writer.RunAsync(isLost ? after : null, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The client can continue from the last id that it has.
        }
        finally
        {
            metrics.ReaderClosed();
        }

        // What a call sees of threads depends on their metadata.
        async ValueTask<bool> SeesAsync(FeedEvent added) => actor.Scope is null
            || (added.ThreadId is { } threadId && await threads.FindAsync(actor, threadId, stop.Token) is not null);
    }

    /// <summary>
    /// Returns the number of the event after which to send, and whether the client has missed events that no one knows.
    /// </summary>
    private (long After, bool IsLost) ReadStart(string lastId)
    {
        if (lastId.Length == 0)
        {
            return (feed.Next - 1, false);
        }

        var prefix = feed.Generation + "-";
        return lastId.StartsWith(prefix, StringComparison.Ordinal)
            && long.TryParse(lastId.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var last)
            && last < feed.Next
                ? (last, false)
                : (feed.Next - 1, true);
    }
}
