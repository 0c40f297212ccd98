using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Weft.Runs;

namespace Weft.Server;

/// <summary>Executes the commands of the second protocol (docs/protocol/v2.md 2), except those that need a socket.</summary>
internal sealed class ThreadCommands(
    RunsFacade runs,
    RunCommands runCommands,
    StateCommands stateCommands,
    TreeCommand treeCommand,
    AccessControl access,
    AuditLog audit)
{
    /// <summary>Reads and executes a command.</summary>
    /// <param name="call">What it is executed for.</param>
    /// <param name="json">The command.</param>
    /// <returns>The answer, also if the command is refused.</returns>
    /// <exception cref="WeftException">The thread does not exist, or the server can't execute commands now.</exception>
    public async Task<CommandAnswer> ExecuteAsync(CommandCall call, JsonElement json)
    {
        ThreadCommand command;
        try
        {
            command = ThreadCommand.Read(json);
        }
        catch (CommandException e)
        {
            return new CommandAnswer { Id = ThreadCommand.FindId(json), Error = e };
        }

        return await ExecuteAsync(call, command);
    }

    /// <summary>Executes a command.</summary>
    /// <inheritdoc cref="ExecuteAsync(CommandCall, JsonElement)"/>
    public async Task<CommandAnswer> ExecuteAsync(CommandCall call, ThreadCommand command)
    {
        if (!CreatesRun(command) || !audit.IsEnabled)
        {
            return await ExecuteUnauditedAsync(call, command);
        }

        var audited = new AuditedCall(audit, call.Http, AccessResource.Threads, AccessAction.CreateRun)
        {
            Command = command.Method,
            Actor = call.Actor,
        };
        try
        {
            var answer = await ExecuteUnauditedAsync(call with { Audited = audited }, command);
            audited.Write(answer.Error?.Code switch
            {
                null => StatusCodes.Status200OK,
                CommandErrors.PermissionDenied => StatusCodes.Status403Forbidden,
                _ => StatusCodes.Status400BadRequest,
            });
            return answer;
        }
        catch (WeftException e)
        {
            audited.Write(ProblemFilter.StatusOf(e.Kind));
            throw;
        }
    }

    private async Task<CommandAnswer> ExecuteUnauditedAsync(CommandCall call, ThreadCommand command)
    {
        if (access.HasRules && CreatesRun(command))
        {
            // The rule of the route allows to read.
            var (resource, action) = (AccessResource.Threads, AccessAction.CreateRun);
            try
            {
                call = call with { Actor = await access.ScopeAsync(call.Http, call.Actor, resource, action, command.Params.Json) };
            }
            catch (WeftException e) when (e.Kind == ProblemKind.Forbidden)
            {
                return new CommandAnswer { Id = command.Id, Error = new CommandException(CommandErrors.PermissionDenied, e.Message) };
            }
        }

        var position = await runs.FindPositionAsync(call.Actor, call.ThreadId, call.Cancellation);
        if (position is null && command.Method != "run.start")
        {
            throw WeftException.ThreadNotFound(call.ThreadId);
        }

        var answer = new CommandAnswer { Id = command.Id, ThreadId = call.ThreadId, AppliedThroughSeq = position?.LastSeq ?? 0 };
        call = call with { RunsSeen = position?.RunsSeen ?? 0 };
        try
        {
            command.Params.EnsureObject();
            answer = answer with { WriteResult = await DispatchAsync(call, command) };
            return answer with { AppliedThroughSeq = Math.Min(answer.AppliedThroughSeq, SeqBefore(call.Run)) };
        }
        catch (CommandException e)
        {
            return answer with { Error = e };
        }
        catch (WeftException e) when (ErrorOf(e) is { } error)
        {
            return answer with { Error = error };
        }
    }

    /// <summary>
    /// Returns the number before the events of a run. A command that is repeated must not cover the events of the run that the first
    /// one started.
    /// </summary>
    private static long SeqBefore(RunRecord? run) => run switch
    {
        null or { StartOrder: 0 } => long.MaxValue,
        { StartOrder: 1 } => 0,
        _ => ThreadLog.SeqOf(run.StartOrder, -1),
    };

    private static bool CreatesRun(ThreadCommand command) =>
        command.Method is "run.start" or "input.respond" or "input.inject" or "state.fork";

    private Task<Action<Utf8JsonWriter>?> DispatchAsync(CommandCall call, ThreadCommand command) => command.Method switch
    {
        "run.start" => runCommands.StartAsync(call, command.Params),
        "input.respond" => runCommands.RespondAsync(call, command.Params),
        "input.inject" => runCommands.InjectAsync(call, command.Params),
        "state.fork" => runCommands.ForkAsync(call, command.Params),
        "state.get" => stateCommands.GetAsync(call, command.Params),
        "state.listCheckpoints" => stateCommands.ListCheckpointsAsync(call, command.Params),
        "agent.getTree" => treeCommand.GetAsync(call, command.Params),
        "subscription.subscribe" or "subscription.unsubscribe" =>
            throw new CommandException(CommandErrors.NotSupported, $"{command.Method} needs a WebSocket. Over HTTP, open an event stream."),
        "subscription.reconnect" =>
            throw new CommandException(CommandErrors.NotSupported, "Subscribe again. The events that are kept are replayed."),
        _ => throw new CommandException(CommandErrors.UnknownCommand, $"Unknown command: {command.Method}"),
    };

    /// <summary>Returns the error of the protocol for a refused request; null if HTTP reports it.</summary>
    private static CommandException? ErrorOf(WeftException e) => e.Kind switch
    {
        ProblemKind.NotFound when e.Field is "checkpoint_id" => new CommandException(CommandErrors.NoSuchCheckpoint, e.Message),
        ProblemKind.NotFound when e.Field is "checkpoint.checkpoint_ns" => new CommandException(CommandErrors.NoSuchNamespace, e.Message),
        ProblemKind.NotFound when QuestionCheck.IsOfUnknown(e) => new CommandException(CommandErrors.NoSuchInterrupt, e.Message),
        ProblemKind.NotFound when e.Field is null => null,
        ProblemKind.Overloaded => null,
        ProblemKind.Forbidden => new CommandException(CommandErrors.PermissionDenied, e.Message),
        ProblemKind.Unsupported => new CommandException(CommandErrors.NotSupported, e.Message),
        ProblemKind.Conflict when e.Field is null => new CommandException(CommandErrors.UnknownError, e.Message),
        _ when e.Field is { } field =>
            CommandException.Invalid(field.StartsWith("header.", StringComparison.Ordinal) ? field : "params." + field, e.Message),
        _ => new CommandException(CommandErrors.InvalidArgument, e.Message),
    };
}
