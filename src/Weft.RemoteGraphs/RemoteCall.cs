using System.Net;
using System.Runtime.ExceptionServices;
using System.Text.Json;
using Weft.Graphs;

namespace Weft.RemoteGraphs;

/// <summary>
/// The runs of the other server for one task. The newest run of the task tells how far it is, so nothing has to be remembered here:
/// if the node runs again, it continues there.
/// </summary>
internal sealed class RemoteCall(RemoteThread thread, RemoteRequest request, NodeContext context, RemoteGraphOptions options)
{
    // Times without an event between them, after which the rest of the stream of an ended run is given up.
    private const int BreaksMax = 5;

    private readonly RemoteStream _stream = new(context.OpenForeignStream());
    private readonly RemoteRetry _retry = new(options, context.Time);
    private string _lastRun = "";
    private string? _followed;

    /// <summary>Returns the values of the remote graph at its end.</summary>
    public async Task<JsonElement> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            _stream.Begin();
            var values = await RunToEndAsync(cancellationToken);
            _stream.End(SubgraphPhase.Completed);
            return values;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            _stream.End(SubgraphPhase.Interrupted);
            if (!context.IsMoving)
            {
                await CancelAsync();
            }

            throw;
        }
        catch (GraphInterruptException)
        {
            _stream.End(SubgraphPhase.Interrupted);
            throw;
        }
        catch (Exception e)
        {
            _stream.End(SubgraphPhase.Failed, e);
            throw;
        }
    }

    private async Task<JsonElement> RunToEndAsync(CancellationToken cancellationToken)
    {
        // A task that runs for the first time has no runs yet.
        var last = context.IsResuming
            ? await _retry.RepeatAsync(stop => thread.FindNewestRunAsync(context.TaskId, stop), cancellationToken)
            : null;
        _lastRun = last?.Id ?? "";
        var body = await FindNextAsync(last, cancellationToken);
        while (true)
        {
            if (body is not null)
            {
                await EnsureSucceededAsync(await CreateAsync(body, cancellationToken), cancellationToken);
            }

            var state = await GetStateAsync(cancellationToken);
            if (state.Interrupts.Count == 0)
            {
                return state.Values;
            }

            body = request.Answer(_stream.Modes, Ask(state.Interrupts));
        }
    }

    /// <summary>Returns the request for the next run after the newest one of an earlier try; null if that one has succeeded.</summary>
    private async Task<byte[]?> FindNextAsync(RemoteRun? last, CancellationToken cancellationToken)
    {
        if (last is null)
        {
            return request.Begin(_stream.Modes);
        }

        if (last.IsActive)
        {
            await EnsureSucceededAsync(await FollowAsync(null, last.Id, cancellationToken), cancellationToken);
            return null;
        }

        if (last.Status == "success")
        {
            return null;
        }

        // The run failed or was cancelled. If the thread still has work of it, that is done again, without a second input.
        var state = await GetStateAsync(cancellationToken);
        return state.Interrupts.Count > 0 ? null
            : state.HasNext ? request.Continue(_stream.Modes)
            : request.Begin(_stream.Modes);
    }

    /// <summary>Creates a run and streams it to its end.</summary>
    private async Task<RemoteRun> CreateAsync(byte[] body, CancellationToken cancellationToken)
    {
        // The same for a repetition of this request, and different for each run of the task.
        var key = $"{context.TaskId}:{_lastRun}";
        var response = await _retry.RepeatAsync(stop => thread.CreateRunAsync(body, key, stop), cancellationToken);
        try
        {
            _lastRun = RunIdOf(response);
        }
        catch (RemoteGraphException)
        {
            response.Dispose();
            throw;
        }

        return await FollowAsync(response, _lastRun, cancellationToken);
    }

    /// <summary>Streams a run to its end. If the connection breaks, the stream is joined again after the last event.</summary>
    private async Task<RemoteRun> FollowAsync(HttpResponseMessage? response, string runId, CancellationToken cancellationToken)
    {
        var (after, breaks) = ("-1", 0);
        _followed = runId;
        while (true)
        {
            var isBroken = false;
            try
            {
                response ??= await _retry.RepeatAsync(stop => thread.JoinAsync(runId, after, _stream.Modes, stop), cancellationToken);
                await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
                await foreach (var read in RemoteEvent.ReadAsync(body, options.IdleTimeout, context.Time, cancellationToken))
                {
                    (after, breaks) = (read.Id ?? after, 0);
                    _stream.Pass(read);
                }
            }
            catch (Exception e) when (e is IOException or HttpRequestException && !cancellationToken.IsCancellationRequested)
            {
                isBroken = ++breaks < BreaksMax;
            }
            catch (RemoteGraphException e) when (e.StatusCode == HttpStatusCode.NotFound)
            {
                // The server no longer has the events of the run.
            }
            finally
            {
                response?.Dispose();
                response = null;
            }

            var run = await _retry.RepeatAsync(stop => thread.FindRunAsync(runId, stop), cancellationToken)
                ?? throw new RemoteGraphException(RemoteGraphFailure.RunCancelled, $"The remote run {runId} no longer exists.");
            if (!run.IsActive && !isBroken)
            {
                _followed = null;
                return run;
            }

            await _retry.PauseAsync(cancellationToken);
        }
    }

    private Task<RemoteState> GetStateAsync(CancellationToken cancellationToken) =>
        _retry.RepeatAsync(thread.GetStateAsync, cancellationToken);

    /// <summary>Asks the questions of the remote run here, all before the node stops for those that have no answer.</summary>
    private List<(RemoteInterrupt Question, JsonElement Answer)> Ask(IReadOnlyList<RemoteInterrupt> questions)
    {
        var answers = new List<(RemoteInterrupt, JsonElement)>();
        GraphInterruptException? open = null;
        foreach (var question in questions)
        {
            try
            {
                answers.Add((question, context.Interrupt(question.Value, question.Id, question.ResponseSchema)));
            }
            catch (GraphInterruptException e)
            {
                open = e;
            }
        }

        if (open is not null)
        {
            ExceptionDispatchInfo.Throw(open);
        }

        return answers;
    }

    private async Task EnsureSucceededAsync(RemoteRun run, CancellationToken cancellationToken)
    {
        if (run.Status == "success")
        {
            return;
        }

        var state = await GetStateAsync(cancellationToken);
        if (run.IsFailed)
        {
            var (name, message) = _stream.Error;
            throw new RemoteGraphException(
                RemoteGraphFailure.RunFailed, message ?? state.Error ?? $"The remote run {run.Id} ended as {run.Status}.")
            {
                ErrorName = name,
            };
        }

        if (state.Interrupts.Count == 0)
        {
            throw new RemoteGraphException(RemoteGraphFailure.RunCancelled, $"The remote run {run.Id} was cancelled.");
        }
    }

    /// <summary>Cancels the remote run, within a short time, because the caller is being cancelled itself.</summary>
    private async Task CancelAsync()
    {
        using var timeout = new CancellationTokenSource(options.CancelTimeout, context.Time);
        try
        {
            if ((_followed ?? await FindActiveAsync(timeout.Token)) is { } runId)
            {
                // Repeated, because the connection may just have broken.
                await _retry.RepeatAsync(stop => thread.CancelAsync(runId, stop), timeout.Token);
            }
        }
        catch (Exception e) when (e is HttpRequestException or RemoteGraphException or OperationCanceledException)
        {
            // The server does not answer. If it has not received the request, the run goes on there, and nobody waits for it.
        }
    }

    private async Task<string?> FindActiveAsync(CancellationToken cancellationToken) =>
        await _retry.RepeatAsync(stop => thread.FindNewestRunAsync(context.TaskId, stop), cancellationToken) is { IsActive: true } run
            ? run.Id
            : null;

    private static string RunIdOf(HttpResponseMessage response) =>
        response.Content.Headers.ContentLocation is { } location
            ? location.OriginalString.Split('/')[^1]
            : throw new RemoteGraphException(RemoteGraphFailure.InvalidAnswer, "The server did not say which run it created.");
}
