using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Server;

/// <summary>Makes specifications of runs from messages (docs/protocol/a2a.md 3).</summary>
internal sealed class A2aTurns(AssistantsFacade assistants, RunSpecBuilder specs, RunsFacade runs, ThreadsFacade threads, A2aTasks tasks)
{
    // The text of messages, their blocks, and questions.
    private static readonly string[] StreamModes = ["messages-tuple", "message-blocks", "updates"];

    /// <summary>Returns the run of a message: the answer to the questions of its thread, or else a new task.</summary>
    /// <exception cref="JsonRpcException">The message does not fit the task that it names, or the assistant.</exception>
    public async Task<RunSpec> SpecOfAsync(HttpContext http, AssistantRecord assistant, A2aMessage message)
    {
        var actor = Requests.ActorOf(http);
        var threadId = message.ContextId;
        if (message.TaskId is { } taskId)
        {
            var last = (await tasks.GetRunsAsync(actor, assistant.AssistantId, taskId, http.RequestAborted))[^1];
            if (threadId is { } given && given != last.ThreadId)
            {
                throw JsonRpcException.InvalidParams("message.contextId", $"It is not the context of the task '{taskId}'.");
            }

            threadId = last.ThreadId;
        }

        var waiting = threadId is null ? null : await FindWaitingAsync(actor, threadId.Value, http.RequestAborted);
        if (message.TaskId is { } named && waiting?.TaskId != named)
        {
            throw A2aErrors.Of(
                A2aErrors.UnsupportedOperation,
                $"The task '{named}' does not wait for input. Send the message without taskId to begin a new task in the context.");
        }

        var create = new RunCreate
        {
            AssistantId = assistant.AssistantId.ToString(),
            Input = waiting is null ? message.InputFor(assistants.GraphOf(actor, assistant)) : null,
            Command = waiting is null ? null : message.AnswerTo(waiting.Value.Questions),
            Metadata = MetadataOf(message, waiting?.TaskId),
            IfNotExists = "create",
            OnDisconnect = "continue",
            OnCompletion = "keep",
        };
        return specs.Build(create, threadId, http.Request.Headers, isBackground: false) with
        {
            StreamModes = StreamModes,
            RecordsAllModes = false,
        };
    }

    /// <summary>Returns the task of a thread that waits for answers, with its questions; null if none does.</summary>
    private async Task<(string TaskId, IReadOnlyList<string> Questions)?> FindWaitingAsync(
        Actor actor, ThreadId threadId, CancellationToken cancellationToken)
    {
        if (await threads.FindAsync(actor, threadId, cancellationToken) is not { } view
            || QuestionAnswer.OpenIn(view.Thread) is not { Count: > 0 } questions)
        {
            return null;
        }

        var newest = await runs.SearchAsync(actor, threadId, null, 1, 0, cancellationToken);
        return newest is [var run] ? (A2aTasks.IdOf(run), questions) : null;
    }

    private static JsonElement? MetadataOf(A2aMessage message, string? taskId)
    {
        if (message.Metadata is { ValueKind: not JsonValueKind.Object })
        {
            throw JsonRpcException.InvalidParams("metadata", "It must be an object.");
        }

        return GraphJson.Parse(GraphJson.Encode((message.Metadata, taskId), static (writer, s) =>
        {
            writer.WriteStartObject();
            foreach (var member in s.Metadata?.EnumerateObject() ?? default)
            {
                if (member.Name != A2aTasks.TaskMember)
                {
                    member.WriteTo(writer);
                }
            }

            if (s.taskId is not null)
            {
                writer.WriteString(A2aTasks.TaskMember, s.taskId);
            }

            writer.WriteEndObject();
        }));
    }
}
