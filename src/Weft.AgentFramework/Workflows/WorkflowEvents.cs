using System.Reflection;
using System.Runtime.ExceptionServices;
using System.Text.Json;
using Microsoft.Agents.AI;
using Microsoft.Agents.AI.Workflows;
using Microsoft.Extensions.AI;
using Weft.Graphs;
using CheckpointInfo = Microsoft.Agents.AI.Workflows.CheckpointInfo;

namespace Weft.AgentFramework;

/// <summary>Takes the events of a workflow: streams them, and collects what the thread stores of them.</summary>
internal sealed class WorkflowEvents
{
    /// <summary>The name under which the task keeps its <see cref="WorkflowProgress"/>.</summary>
    public const string ProgressName = "workflow";

    private readonly NodeContext _context;
    private readonly AIWorkflowGraphOptions _options;
    private readonly WorkflowPorts _ports;
    private readonly WorkflowMessages _messages;
    private readonly Dictionary<string, PortRequest> _requests;

    public WorkflowEvents(NodeContext context, AIWorkflowGraphOptions options, WorkflowPorts ports, WorkflowProgress progress)
    {
        _context = context;
        _options = options;
        _ports = ports;
        _requests = progress.State.Requests.ToDictionary(request => request.Id);
        _messages = new WorkflowMessages(context, context.Get(options.Messages), progress.State.Requests.Select(ports.ApprovalOf));
        Checkpoints = new WorkflowCheckpoints(progress.State);
        Progress = progress;
    }

    public WorkflowCheckpoints Checkpoints { get; }

    /// <summary>How far the workflow is.</summary>
    public WorkflowProgress Progress { get; private set; }

    /// <summary>Sends an input to the workflow, and follows it until it has nothing left to do.</summary>
    public async Task SendAsync(StreamingRun run, WorkflowSend send, CancellationToken cancellationToken)
    {
        Progress = Progress with { Sent = Progress.Sent + 1 };
        if (send.RequestId is not null && _requests.Remove(send.RequestId))
        {
            NoteRequests();
        }

        if (!await send.SendAsync(run))
        {
            throw new InvalidOperationException("The first executor of the workflow does not take the input of the graph.");
        }

        await FollowAsync(run, cancellationToken);
    }

    /// <summary>Follows the workflow until it has nothing left to do or waits for answers.</summary>
    public async Task FollowAsync(StreamingRun run, CancellationToken cancellationToken)
    {
        await foreach (var happened in run.WatchStreamAsync(blockOnPendingRequest: false, cancellationToken))
        {
            await TakeAsync(happened);
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Returns the messages of the workflow. Those that were only yielded count if none were streamed.</summary>
    public IReadOnlyList<Message> TakeMessages()
    {
        Collect();
        return Progress.Messages.Count > 0
            ? [.. Progress.Messages.Select(Message.FromJson)]
            : [.. Progress.Yielded.Select(Message.FromJson)];
    }

    private async Task TakeAsync(WorkflowEvent happened)
    {
        switch (happened)
        {
            case AgentResponseUpdateEvent update:
                _messages.Add(update.ExecutorId, update.Update);
                break;
            case WorkflowOutputEvent output:
                TakeOutput(output);
                break;
            case RequestInfoEvent asked:
                _requests[asked.Request.RequestId] = new PortRequest(
                    asked.Request.RequestId, asked.Request.PortInfo.PortId, _ports.Encode(asked.Request));
                NoteRequests();
                break;
            case WorkflowErrorEvent failed:
                var error = failed.Exception ?? new InvalidOperationException("The workflow failed.");
                ExceptionDispatchInfo.Throw(error is TargetInvocationException { InnerException: { } inner } ? inner : error);
                break;
            case SuperStepCompletedEvent { CompletionInfo: { Checkpoint: { } checkpoint } step }:
                await KeepAsync(checkpoint, step.HasPendingMessages);
                break;
            case ExecutorInvokedEvent invoked:
                Write("executor_invoked", invoked.ExecutorId, null);
                break;
            case ExecutorCompletedEvent completed:
                Write("executor_completed", completed.ExecutorId, null);
                break;
            case SuperStepEvent or WorkflowStartedEvent or ExecutorFailedEvent:
                break;
            default:
                Write(happened.GetType().Name, (happened as ExecutorEvent)?.ExecutorId, happened.Data);
                break;
        }
    }

    private void NoteRequests() => Progress = Progress with { State = Progress.State with { Requests = [.. _requests.Values] } };

    private void TakeOutput(WorkflowOutputEvent output)
    {
        switch (output.Data)
        {
            case ChatMessage message:
                Yield([message]);
                break;
            case IEnumerable<ChatMessage> messages:
                Yield(messages);
                break;
            case AgentResponse response:
                Yield(response.Messages);
                break;
            default:
                Progress = Progress with { Outputs = [.. Progress.Outputs, Encode(output.Data)] };
                Write("output", output.ExecutorId, output.Data);
                break;
        }
    }

    private void Yield(IEnumerable<ChatMessage> messages) =>
        Progress = Progress with { Yielded = [.. Progress.Yielded, .. _messages.ToMessages(messages).Select(message => message.Json)] };

    private async Task KeepAsync(CheckpointInfo checkpoint, bool hasNext)
    {
        Collect();
        Progress = Progress with
        {
            HasNext = hasNext,
            State = Progress.State with { CheckpointId = checkpoint.CheckpointId, Checkpoint = Checkpoints.Take(checkpoint) },
        };
        await _context.KeepAsync(
            ProgressName, JsonSerializer.SerializeToElement(Progress, StoredWorkflowJsonContext.Default.WorkflowProgress));
    }

    private void Collect() =>
        Progress = Progress with { Messages = [.. Progress.Messages, .. _messages.Take().Select(message => message.Json)] };

    private void Write(string name, string? executor, object? data) =>
        _context.Write(GraphJson.Parse(GraphJson.Encode((this, name, executor, data), static (writer, s) =>
        {
            writer.WriteStartObject();
            writer.WriteString("event"u8, s.name);
            if (s.executor is not null)
            {
                writer.WriteString("executor"u8, s.executor);
            }

            if (s.data is not null)
            {
                writer.WritePropertyName("data"u8);
                s.Item1.Encode(s.data).WriteTo(writer);
            }

            writer.WriteEndObject();
        })));

    /// <summary>Returns the value as JSON, or as text if it can't be JSON.</summary>
    private JsonElement Encode(object? data)
    {
        if (data is null or JsonElement)
        {
            return data as JsonElement? ?? GraphJson.Null;
        }

        try
        {
            if (_options.Json.TryGetTypeInfo(data.GetType(), out var type))
            {
                return JsonSerializer.SerializeToElement(data, type);
            }
        }
        catch (Exception e) when (e is NotSupportedException or JsonException)
        {
            // Such as a delegate, or an object that contains itself.
        }

        return GraphJson.ToElement(data.ToString() ?? "");
    }
}
