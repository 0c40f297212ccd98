using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Weft.Runs;

namespace Weft.Server;

/// <summary>A call that changes something, until its line is written. Endpoints add the ids that its path does not have.</summary>
internal sealed class AuditedCall(AuditLog log, HttpContext http, AccessResource resource, AccessAction action)
{
    private const int IdLengthMax = 200;

    private readonly List<(string Name, string Id)> _ids = [];
    private bool _isWritten;

    /// <summary>The command of the second protocol; null for other calls.</summary>
    public string? Command { get; init; }

    /// <summary>The actor; null for that of the request.</summary>
    public Actor? Actor { get; init; }

    private int StatusOfAnswer => http.Response.StatusCode;

    /// <summary>Returns the call of a request if it changes something; null if it doesn't, or if nobody reads the log.</summary>
    /// <param name="log">The log.</param>
    /// <param name="http">The request.</param>
    /// <param name="isGateway">Whether a stream may cancel its run first.</param>
    /// <param name="actor">The id of the actor, if the request does not know it yet.</param>
    public static AuditedCall? Of(AuditLog log, HttpContext http, bool isGateway, string? actor = null)
    {
        var metadata = http.GetEndpoint()?.Metadata;
        return metadata?.GetMetadata<RouteAccess>() is { } access
            && ActionOf(http, access.Action, isGateway && metadata.GetMetadata<StreamRoute>() is not null) is { } action
            && log.IsEnabled
                ? new AuditedCall(log, http, access.Resource, action) { Actor = actor is null ? null : new Actor(actor) }
                : null;
    }

    /// <summary>Names something that the request is for and that its path does not name.</summary>
    public static void Add(HttpContext http, string name, object id) => http.Features.Get<AuditedCall>()?.Add(name, id);

    /// <summary>Names all that the request is for and that its path does not name.</summary>
    public static void AddAll<T>(HttpContext http, string name, IEnumerable<T> ids)
        where T : notnull
    {
        if (http.Features.Get<AuditedCall>() is { } call)
        {
            call._ids.Add((name, string.Join(',', ids.Select(static id => Cut(id)))));
        }
    }

    /// <summary>Names something that the call is for.</summary>
    public void Add(string name, object id) => _ids.Add((name, Cut(id)));

    /// <summary>
    /// Writes the line when the answer starts, so that a stream does not have to end first, or when the call has ended without one.
    /// </summary>
    public void WriteWithAnswer()
    {
        http.Response.OnStarting(Write, this);
        http.Response.OnCompleted(Write, this);

        static Task Write(object state)
        {
            var call = (AuditedCall)state;
            call.Write(call.StatusOfAnswer);
            return Task.CompletedTask;
        }
    }

    /// <summary>Writes the line, once. The headers of the answer are known.</summary>
    public void Write(int status)
    {
        if (_isWritten)
        {
            return;
        }

        _isWritten = true;
        var actor = Actor ?? Requests.ActorOf(http);
        if (actor.Id.Length == 0 && status < StatusCodes.Status400BadRequest)
        {
            // The log is about who did what, and without authentication nobody is known.
            return;
        }

        var method = Command ?? http.Request.Method;
        var line = new AuditLine(
            actor.Id,
            http.Connection.RemoteIpAddress,
            Names<AccessAction>.Of[action],
            Names<AccessResource>.Of[resource],
            $"{method} {(http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText?.TrimEnd('/')}",
            status);
        foreach (var (name, value) in http.Request.RouteValues)
        {
            // Not the token of a URL for feedback, which is a secret.
            if (name.EndsWith("_id", StringComparison.Ordinal) && value is string id)
            {
                line.Add(name, Cut(id));
            }
        }

        if (status < StatusCodes.Status400BadRequest)
        {
            AddRun(line);
        }

        foreach (var (name, id) in _ids)
        {
            line.Add(name, id);
        }

        log.Write(line);
    }

    /// <summary>Adds the ids of a new run, which the header <c>Content-Location</c> has.</summary>
    private void AddRun(AuditLine line)
    {
        var parts = http.Response.Headers.ContentLocation.ToString().Split('/');
        if (parts is [.., "threads", var threadId, "runs", _] && !http.Request.RouteValues.ContainsKey("thread_id"))
        {
            line.Add("thread_id", threadId);
        }

        if (parts is [.., "runs", var runId])
        {
            line.Add("run_id", runId);
        }
    }

    /// <summary>A text that is longer than ids are is cut, because it may be anything.</summary>
    private static string Cut(object id) => id.ToString() is { Length: > IdLengthMax } text ? text[..IdLengthMax] : id.ToString()!;

    private static AccessAction? ActionOf(HttpContext http, AccessAction action, bool mayCancel) => action switch
    {
        AccessAction.Create or AccessAction.Update or AccessAction.Delete or AccessAction.CreateRun or AccessAction.Put => action,
        // A stream that cancels its run first, or when its client disconnects.
        AccessAction.Read when !HttpMethods.IsHead(http.Request.Method)
            && ((mayCancel && http.Request.Query["action"].Count > 0) || Requests.IsSet(http, "cancel_on_disconnect"))
                => AccessAction.Update,
        _ => null,
    };

    /// <summary>The members of an enumeration as the log has them.</summary>
    private static class Names<T>
        where T : struct, Enum
    {
        public static readonly Dictionary<T, string> Of = Enum.GetValues<T>()
            .ToDictionary(static value => value, static value => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()));
    }
}
