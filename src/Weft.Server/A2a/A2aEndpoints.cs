using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Weft.Runs;
using static Weft.Server.AccessAction;
using static Weft.Server.AccessResource;

namespace Weft.Server;

/// <summary>Assistants as agents of the Agent2Agent protocol (docs/protocol/a2a.md).</summary>
internal sealed class A2aEndpoints(
    Mount mount,
    JsonRpcMethods methods,
    AssistantsFacade assistants,
    AssistantDirectory directory,
    A2aTurns turns,
    A2aTasks tasks,
    A2aTaskList list,
    RunsFacade runs,
    RunWaits waits,
    ReplyReader replies,
    OpenStreams streams,
    WeftServerOptions options)
{
    private const string CardPath = "/.well-known/agent-card.json";
    private const string VersionHeader = "A2A-Version";

    public void Map(IEndpointRouteBuilder endpoints)
    {
        var routes = endpoints.MapGroup("").WithTags("A2A");
        routes.MapMethods(CardPath, Verbs.Read, (Delegate)GetCardAsync).WithAccess(Assistants, Read)
            .Reads(Parameters.Query("assistant_id", "The id of the assistant, or of its graph.", Parameters.Text()))
            .Returns<JsonElement>().ReturnsProblem(404, 422).WithSummary("Get the agent card of an assistant");
        routes.MapMethods("/a2a/{assistant_id}" + CardPath, Verbs.Read, (Delegate)GetCardOfAsync).WithAccess(Assistants, Read)
            .Returns<JsonElement>().ReturnsProblem(404).WithSummary("Get the agent card of an assistant");
        routes.MapPost("/a2a/{assistant_id}", (Delegate)AnswerAsync).WithAccess(Threads, Read).WithMetadata(JsonRpcRoute.Instance)
            .AcceptsJson<JsonRpcRequest>().ReturnsJsonOrEvents().ReturnsProblem(400, 404)
            .WithSummary("Call a method of the Agent2Agent protocol");
    }

    private Task GetCardAsync(HttpContext http) => http.Request.Query["assistant_id"].ToString() is { Length: > 0 } id
        ? GetCardOfAsync(http, id)
        : throw Requests.Invalid("query.assistant_id", "Field required");

    private async Task GetCardOfAsync(HttpContext http, string assistant_id)
    {
        var assistant = await assistants.GetAsync(Requests.ActorOf(http), assistant_id, http.RequestAborted);
        var origin = options.PublicUrl?.TrimEnd('/') ?? $"{http.Request.Scheme}://{http.Request.Host.ToUriComponent()}";
        var url = $"{origin}{mount.Path.Of(http.Request)}/a2a/{assistant.AssistantId}";
        http.Response.Headers.CacheControl = "private, max-age=60";
        await JsonResponse.WriteAsync(http, (assistant, url), static (writer, s) => A2aCard.Write(writer, s.assistant, s.url));
    }

    private Task AnswerAsync(HttpContext http, string assistant_id) =>
        methods.AnswerAsync(http, (http, call) => DispatchAsync(http, assistant_id, call));

    private async Task DispatchAsync(HttpContext http, string assistantId, JsonRpcCall call)
    {
        if (http.Request.Headers[VersionHeader].ToString() is not ("" or "0.3" or "1.0") and var version)
        {
            throw A2aErrors.Of(A2aErrors.VersionNotSupported, $"The version '{version}' is not supported. There are 0.3 and 1.0.");
        }

        if (A2aDialect.Find(call.Method) is not var (dialect, method))
        {
            throw new JsonRpcException(JsonRpcErrors.MethodNotFound, $"The method '{call.Method}' does not exist.");
        }

        if (call.IsNotification)
        {
            throw new JsonRpcException(JsonRpcErrors.InvalidRequest, "id: It is required.") { Status = StatusCodes.Status400BadRequest };
        }

        if (method is A2aMethod.Send or A2aMethod.Stream)
        {
            var id = directory.Find(assistantId)?.GraphId ?? assistantId;
            await methods.AuthorizeAsync(http, call, Threads, CreateRun, JsonRpcMethods.RunOf(call, id));
        }
        else if (method == A2aMethod.Cancel)
        {
            await methods.AuthorizeAsync(http, call, Threads, Update);
        }

        await (method switch
        {
            A2aMethod.Send => SendAsync(http, call, dialect, await FindAsync(http, assistantId)),
            A2aMethod.Stream => StreamAsync(http, call, dialect, await FindAsync(http, assistantId)),
            A2aMethod.Get => GetAsync(http, call, dialect, IdOf(assistantId)),
            A2aMethod.List => list.AnswerAsync(http, call, dialect, IdOf(assistantId)),
            A2aMethod.Cancel => CancelAsync(http, call, dialect, IdOf(assistantId)),
            A2aMethod.Subscribe => SubscribeAsync(http, call, dialect, IdOf(assistantId)),
            A2aMethod.ExtendedCard =>
                throw A2aErrors.Of(A2aErrors.ExtendedCardNotConfigured, "The agent has no extended card. Its card has everything."),
            _ => throw A2aErrors.Of(A2aErrors.PushNotSupported, "Push notifications are not supported."),
        });
    }

    private async Task<AssistantRecord> FindAsync(HttpContext http, string id) =>
        await assistants.FindAsync(Requests.ActorOf(http), id, http.RequestAborted) ?? throw NotFound(id);

    /// <summary>
    /// Returns the id of an assistant. Whether it exists does not matter to calls that only read threads: their tasks are those of the
    /// caller.
    /// </summary>
    private AssistantId IdOf(string id) => directory.Find(id) is { } ofGraph ? ofGraph.AssistantId
        : AssistantId.TryParse(id, null, out var given) ? given
        : throw NotFound(id);

    private static JsonRpcException NotFound(string id) =>
        new(JsonRpcErrors.InvalidParams, $"Assistant {id} not found") { Status = StatusCodes.Status404NotFound };

    private async Task SendAsync(HttpContext http, JsonRpcCall call, A2aDialect dialect, AssistantRecord assistant)
    {
        var message = A2aMessage.Read(mount, call.Params);
        var actor = Requests.ActorOf(http);
        var spec = await turns.SpecOfAsync(http, assistant, message);
        if (message.ReturnsAtOnce)
        {
            var created = await runs.CreateBackgroundAsync(actor, spec, http.RequestAborted);
            SetLocation(http, created);
            await call.AnswerAsync(http, A2aTasks.Of(created, []), dialect.WriteAnswer);
            return;
        }

        var (run, outcome) = await runs.CreateAndWaitAsync(actor, spec, http.RequestAborted);
        SetLocation(http, run);
        http.Response.ContentType = JsonResponse.ContentType;
        if (await waits.WaitAsync(http, run, outcome, cancelOnDisconnect: false, RunWaits.WriteSpaceAsync) is not null)
        {
            var task = await ReadAsync(http, assistant.AssistantId, A2aTasks.IdOf(run));
            await call.AnswerAsync(http, task.WithHistory(message.HistoryLength), dialect.WriteAnswer);
        }
    }

    private async Task StreamAsync(HttpContext http, JsonRpcCall call, A2aDialect dialect, AssistantRecord assistant)
    {
        using var stream = streams.Open(http);
        var message = A2aMessage.Read(mount, call.Params);
        var spec = await turns.SpecOfAsync(http, assistant, message);
        var (run, reader) = await runs.CreateAndStreamAsync(Requests.ActorOf(http), spec, http.RequestAborted);
        using (reader)
        {
            SetLocation(http, run);
            await WriteStreamAsync(http, call, dialect, run, reader);
        }
    }

    private async Task SubscribeAsync(HttpContext http, JsonRpcCall call, A2aDialect dialect, AssistantId assistantId)
    {
        using var stream = streams.Open(http);
        var ofTask = await tasks.GetRunsAsync(Requests.ActorOf(http), assistantId, TaskIdOf(call), http.RequestAborted);
        var run = ofTask[^1];
        if (run.EndedAt is not null)
        {
            throw A2aErrors.Of(A2aErrors.UnsupportedOperation, $"The task '{TaskIdOf(call)}' does not execute, so it has no events.");
        }

        using var reader = await runs.JoinStreamAsync(run, -1, null, null, http.RequestAborted);
        await WriteStreamAsync(http, call, dialect, run, reader);
    }

    /// <summary>Writes the task, what its run returns while it is made, and the status at the end.</summary>
    private async Task WriteStreamAsync(HttpContext http, JsonRpcCall call, A2aDialect dialect, RunRecord run, RunStreamReader reader)
    {
        EventStreams.SetHeaders(http);
        var output = http.Response.BodyWriter;
        var task = A2aTasks.Of(run, []);
        var events = new A2aEvents(output, call, dialect, task);
        events.WriteTask(task);
        if (task.State == A2aState.Submitted)
        {
            events.WriteStatus(task with { State = A2aState.Working });
        }

        var reply = new Reply(events);
        var end = await replies.ReadAsync(http, run, reader, reply, output, cancels: false);
        if (end == ReplyEnd.Complete)
        {
            await WriteEndAsync(http, events, task, run, reply);
        }
        else if (end != ReplyEnd.Disconnected)
        {
            events.WriteError(end.Describe());
        }

        if (end != ReplyEnd.Disconnected)
        {
            await output.FlushAsync(http.RequestAborted);
        }
    }

    private async Task WriteEndAsync(HttpContext http, A2aEvents events, A2aTask task, RunRecord run, Reply reply)
    {
        var status = reply.Status!.Value;
        if (status == RunStatus.Success && reply.Interrupts.Count == 0 && !events.HasText
            && await tasks.FindOutputAsync(Requests.ActorOf(http), run, http.RequestAborted) is { } artifact)
        {
            events.WriteArtifact(artifact);
        }

        var ended = await runs.FindAsync(Requests.ActorOf(http), run.ThreadId, run.RunId, http.RequestAborted);
        events.WriteStatus(task with
        {
            State = A2aTasks.StateOf(status, reply.Interrupts),
            StatusParts = A2aTasks.PartsOf(status, reply.Interrupts, reply.Failure?.Message),
            ChangedAt = ended?.UpdatedAt ?? task.ChangedAt,
        });
    }

    private async Task GetAsync(HttpContext http, JsonRpcCall call, A2aDialect dialect, AssistantId assistantId)
    {
        var historyLength = A2aMessage.ReadHistoryLength(call.Params);
        var task = await ReadAsync(http, assistantId, TaskIdOf(call));
        await call.AnswerAsync(http, task.WithHistory(historyLength), dialect.WriteTask);
    }

    private async Task CancelAsync(HttpContext http, JsonRpcCall call, A2aDialect dialect, AssistantId assistantId)
    {
        var actor = Requests.ActorOf(http);
        var id = TaskIdOf(call);
        AuditedCall.Add(http, "run_id", id);
        var run = (await tasks.GetRunsAsync(actor, assistantId, id, http.RequestAborted))[^1];
        if (!await runs.CancelAsync(run, CancelAction.Interrupt, null, http.RequestAborted))
        {
            throw A2aErrors.Of(A2aErrors.TaskNotCancelable, $"The task '{id}' does not execute, so it can't be canceled.");
        }

        await runs.JoinWaitAsync(actor, run, http.RequestAborted);
        await call.AnswerAsync(http, await ReadAsync(http, assistantId, id), dialect.WriteTask);
    }

    private async Task<A2aTask> ReadAsync(HttpContext http, AssistantId assistantId, string taskId)
    {
        var actor = Requests.ActorOf(http);
        var ofTask = await tasks.GetRunsAsync(actor, assistantId, taskId, http.RequestAborted);
        return await tasks.ReadAsync(actor, ofTask, http.RequestAborted);
    }

    private void SetLocation(HttpContext http, RunRecord run) =>
        http.Response.Headers.ContentLocation = $"{mount.Path.Of(http.Request)}/threads/{run.ThreadId}/runs/{run.RunId}";

    private static string TaskIdOf(JsonRpcCall call) => JsonFields.Text(call.Params, "id") is { Length: > 0 } id
        ? id
        : throw JsonRpcException.InvalidParams("id", "It is required, the id of a task.");
}
