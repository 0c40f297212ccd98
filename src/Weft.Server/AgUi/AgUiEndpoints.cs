using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Weft.Graphs;
using Weft.Runs;
using static Weft.Server.AccessAction;
using static Weft.Server.AccessResource;

namespace Weft.Server;

/// <summary>Runs of assistants for clients of AG-UI (docs/protocol/agui.md).</summary>
internal sealed class AgUiEndpoints(
    Mount mount,
    AssistantsFacade assistants,
    RunSpecBuilder specs,
    RunsFacade runs,
    AgUiThreads threads,
    AgUiStreamWriter writer,
    WeftServerOptions options)
{
    private static readonly string[] StreamModes = ["values", "messages-tuple", "message-blocks", "tasks", "custom"];

    public void Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapGroup("/agui").WithTags("AG-UI").ReturnsProblem(404, 409, 422)
            .MapPost("/{assistant_id}", (Delegate)RunAsync).WithAccess(Threads, CreateRun)
            .AcceptsJson<RunAgentInput>().ReturnsEvents()
            .WithSummary("Run an assistant and stream the events of AG-UI");

    private async Task RunAsync(HttpContext http, string assistant_id)
    {
        var body = await Requests.ReadBodyAsync(http, options, ProtocolJsonContext.Default.RunAgentInput, isRequired: true);
        var actor = Requests.ActorOf(http);
        var request = new AgUiRequest(actor, body);
        var assistant = await assistants.GetAsync(actor, assistant_id, http.RequestAborted);
        var newest = await threads.ReadAsync(actor, request.ThreadId, http.RequestAborted);
        var command = AgUiResume.Read(body, newest.Interrupts);
        var earlier = command is null && request.FindRepeated(newest) is { } repeated
            ? await threads.ReadBeforeAsync(actor, request.ThreadId, newest, repeated, http.RequestAborted)
            : null;
        if (command is null && earlier is null && newest.Interrupts.Count > 0)
        {
            await writer.WriteWaitingAsync(http, body, newest, withMessages: !request.HasNewMessages(newest));
            return;
        }

        var graph = assistants.GraphOf(actor, assistant);
        var create = new RunCreate
        {
            AssistantId = assistant_id,
            Input = command is null ? request.InputFor(graph, earlier ?? newest) : null,
            Command = command,
            Config = request.ConfigFor(graph),
            Metadata = AgUiFields.Object(body.ForwardedProps, "metadata", "forwardedProps"),
            CheckpointId = earlier?.Snapshot?.Checkpoint.Id,
            StreamSubgraphs = true,
            OnDisconnect = "cancel",
            MultitaskStrategy = "reject",
            IfNotExists = "create",
        };
        await StreamAsync(http, request, create, AgUiState.HasConversation(graph.Schema));
    }

    private async Task StreamAsync(HttpContext http, AgUiRequest request, RunCreate create, bool hasConversation)
    {
        var (run, reader) = await CreateAsync(http, request, create);
        http.Response.Headers.ContentLocation = $"{mount.Path.Of(http.Request)}/threads/{run.ThreadId}/runs/{run.RunId}";
        var sawEnd = false;
        try
        {
            using (reader)
            {
                sawEnd = await writer.WriteAsync(http, request.Body, reader, hasConversation);
            }
        }
        catch (Exception e) when (e is IOException || (e is OperationCanceledException && http.RequestAborted.IsCancellationRequested))
        {
            // The client disconnected.
            http.Abort();
        }

        if (!sawEnd)
        {
            await runs.CancelAsync(run, CancelAction.Interrupt, "The client went away.", CancellationToken.None);
        }
    }

    private async Task<(RunRecord Run, RunStreamReader Reader)> CreateAsync(HttpContext http, AgUiRequest request, RunCreate create)
    {
        try
        {
            var spec = specs.Build(create, request.ThreadId, http.Request.Headers, isBackground: false) with
            {
                StreamModes = StreamModes,
                TakesUnknownInput = true,
            };
            return await runs.CreateAndStreamAsync(Requests.ActorOf(http), spec, http.RequestAborted);
        }
        catch (WeftException e) when (e is { Kind: ProblemKind.Invalid, Field: { } field })
        {
            throw Requests.Invalid("forwardedProps." + field, e.Message);
        }
        catch (WeftException e) when (e is { Kind: ProblemKind.Conflict, Field: "multitask_strategy" })
        {
            // Another request was faster.
            throw AgUiThreads.IsBusy(request.ThreadId);
        }
    }
}
