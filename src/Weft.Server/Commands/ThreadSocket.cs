using System.Net.WebSockets;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Server;

/// <summary>
/// A socket of a thread (docs/protocol/v2.md 9): commands come in and are executed in their order; answers and the events of
/// subscriptions go out. Closing it does not affect runs.
/// </summary>
internal sealed partial class ThreadSocket : IDisposable
{
    private const int BufferBytes = 4 * 1024;

    /// <summary>How long events wait for a further subscription after one. Browsers send them a few milliseconds apart.</summary>
    private static readonly TimeSpan SubscribingMax = TimeSpan.FromMilliseconds(20);

    /// <summary>How long they wait in all, also for a client that sends one command after another.</summary>
    private static readonly TimeSpan PauseMax = TimeSpan.FromMilliseconds(250);

    private readonly WebSocket _socket;
    private readonly CommandCall _call;
    private readonly ThreadCommands _commands;
    private readonly RequestRate _rate;
    private readonly SocketSubscriptions _subscriptions;
    private readonly SocketEvents _events;
    private readonly SocketOutput _output;
    private readonly WeftServerOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly UsedIds _ids = new();
    private byte[] _received = new byte[BufferBytes];

    public ThreadSocket(
        WebSocket socket,
        CommandCall call,
        ThreadCommands commands,
        RunsFacade runs,
        RequestRate rate,
        WeftServerOptions options,
        ServerMetrics metrics,
        TimeProvider time,
        ILogger logger)
    {
        _socket = socket;
        _call = call;
        _commands = commands;
        _rate = rate;
        _options = options;
        _time = time;
        _logger = logger;
        _output = new SocketOutput(socket, call.Cancellation);
        _events = new SocketEvents(call, runs, _output, options, metrics, time, logger);
        _subscriptions = new SocketSubscriptions(call, runs, _events, options, time);
    }

    /// <summary>Serves the socket until the client closes it, the thread is deleted, or the server stops.</summary>
    public async Task ServeAsync(CancellationToken stopping)
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = stopping.UnsafeRegister(static stopped => ((TaskCompletionSource)stopped!).TrySetResult(), stopped);
        var receiving = ReceiveAllAsync();
        await Task.WhenAny(receiving, stopped.Task, _events.Failed);
        if (_events.Failed.IsCompleted)
        {
            var (status, reason) = await _events.Failed;
            await Sockets.CloseAsync(_socket, status, reason, _options);
        }
        else if (!receiving.IsCompleted)
        {
            // A client that does not read is not waited for.
            await Task.WhenAny(_events.DrainAsync(), Task.Delay(_options.HeartbeatInterval, CancellationToken.None));
            await Sockets.CloseAsync(_socket, WebSocketCloseStatus.EndpointUnavailable, "The server stops.", _options);
        }

        if (!receiving.IsCompleted)
        {
            // The client answers the close. One that does not is not waited for.
            await Task.WhenAny(receiving, Task.Delay(_options.HeartbeatInterval, CancellationToken.None));
            _socket.Abort();
        }

        await receiving;
        await _events.StopAsync();
    }

    public void Dispose() => _output.Dispose();

    private async Task ReceiveAllAsync()
    {
        try
        {
            while (await ReceiveNextAsync() is { } message)
            {
                await ExecuteAsync(message);
            }
        }
        catch (Exception) when (_call.Cancellation.IsCancellationRequested || _socket.State is not WebSocketState.Open)
        {
            // The client is gone.
            _socket.Abort();
        }
        catch (Exception e)
        {
            LogReceiving(_logger, _call.ThreadId, e);
            await Sockets.CloseAsync(_socket, StatusCodes.Status500InternalServerError, "Internal server error", _options);
        }
    }

    /// <summary>Returns the next message. Ends the pause of the events if none comes soon.</summary>
    private async Task<ReadOnlyMemory<byte>?> ReceiveNextAsync()
    {
        var receiving = ReceiveAsync();
        if (_events.IsPaused
            && (_events.PausedFor > PauseMax
                || await Task.WhenAny(receiving, Task.Delay(SubscribingMax, _time, _call.Cancellation)) != receiving))
        {
            _events.Resume();
        }

        return await receiving;
    }

    /// <summary>Returns the next message; null if the socket is closed.</summary>
    private async Task<ReadOnlyMemory<byte>?> ReceiveAsync()
    {
        for (var length = 0; ;)
        {
            if (length == _received.Length)
            {
                Array.Resize(ref _received, 2 * length);
            }

            var read = await _socket.ReceiveAsync(_received.AsMemory(length), _call.Cancellation);
            length += read.Count;
            if (read.MessageType == WebSocketMessageType.Close)
            {
                await Sockets.CloseAsync(_socket, WebSocketCloseStatus.NormalClosure, "", _options);
                return null;
            }

            if (length > _options.RequestBodyBytesMax)
            {
                await RefuseAsync(CommandException.Invalid("command", $"It must have at most {_options.RequestBodyBytesMax} bytes."));
                await Sockets.CloseAsync(_socket, 413, "The message is too large.", _options);
                return null;
            }

            if (!read.EndOfMessage)
            {
                continue;
            }

            if (read.MessageType == WebSocketMessageType.Binary)
            {
                await RefuseAsync(CommandException.Invalid("command", "Frames must be text, not binary."));
                length = 0;
                continue;
            }

            return _received.AsMemory(0, length);
        }
    }

    private async Task ExecuteAsync(ReadOnlyMemory<byte> message)
    {
        ThreadCommand command;
        ulong? id = null;
        try
        {
            var json = CommandText.Parse(message);
            id = ThreadCommand.FindId(json);
            command = ThreadCommand.Read(json);
            if (!_ids.TryAdd(command.Id))
            {
                throw CommandException.Invalid("id", $"{command.Id} was used by an earlier command of this socket.");
            }
        }
        catch (CommandException e)
        {
            await RefuseAsync(e, id);
            return;
        }
        finally
        {
            if (_received.Length > BufferBytes)
            {
                _received = new byte[BufferBytes];
            }
        }

        var (answer, subscription) = await AnswerAsync(command);
        await SendAsync(answer);
        if (subscription is not null)
        {
            // Its events follow the answer.
            _subscriptions.Start(subscription);
        }
        else if (command.Method == "run.start")
        {
            _events.ThreadMayExist();
        }
    }

    private async Task<(CommandAnswer Answer, Subscription? Added)> AnswerAsync(ThreadCommand command)
    {
        try
        {
            if (!_rate.TryCount(_call.Http, out _))
            {
                throw new WeftException(ProblemKind.Overloaded, _rate.Refusal());
            }

            switch (command.Method)
            {
                case "subscription.subscribe":
                    return await _subscriptions.AddAsync(command);
                case "subscription.unsubscribe":
                    return (await _subscriptions.RemoveAsync(command), null);
                default:
                    return (await _commands.ExecuteAsync(_call, command), null);
            }
        }
        catch (Exception e) when (e is not OperationCanceledException || !_call.Cancellation.IsCancellationRequested)
        {
            return (new CommandAnswer { Id = command.Id, Error = ErrorOf(command, e) }, null);
        }
    }

    private CommandException ErrorOf(ThreadCommand command, Exception e)
    {
        switch (e)
        {
            case CommandException error:
                return error;
            case WeftException { Kind: ProblemKind.NotFound }:
                return new CommandException(CommandErrors.NoSuchRun, e.Message);
            case WeftException { Field: { } field }:
                return CommandException.Invalid(
                    field.StartsWith("params.", StringComparison.Ordinal) ? field : "params." + field, e.Message);
            case WeftException or StorageUnavailableException or UnreadableCheckpointException:
                return new CommandException(CommandErrors.UnknownError, e.Message);
            default:
                LogFailed(_logger, command.Method, _call.ThreadId, e);
                return new CommandException(CommandErrors.UnknownError, "Internal server error");
        }
    }

    private ValueTask<bool> RefuseAsync(CommandException error, ulong? id = null) => SendAsync(new CommandAnswer { Id = id, Error = error });

    private ValueTask<bool> SendAsync(CommandAnswer answer) => _output.TrySendAsync(GraphJson.Encode(answer, CommandAnswer.Write));

    [LoggerMessage(1, LogLevel.Error, "A message of a socket of thread {ThreadId} could not be handled.")]
    private static partial void LogReceiving(ILogger logger, ThreadId threadId, Exception exception);

    [LoggerMessage(2, LogLevel.Error, "Command {Method} of thread {ThreadId} failed.")]
    private static partial void LogFailed(ILogger logger, string method, ThreadId threadId, Exception exception);
}
