using Microsoft.AspNetCore.Http;
using Weft.Runs;

namespace Weft.Server;

/// <summary>Counts the event streams and WebSockets that each caller has open.</summary>
/// <param name="max">How many a caller may have; null for no limit, and then nothing is counted.</param>
internal sealed class OpenStreams(int? max)
{
    private readonly CallerCounts _open = new();

    public bool IsLimited => max is not null;

    /// <summary>Counts a stream until the result is disposed of.</summary>
    /// <exception cref="WeftException">The caller has as many as it may have.</exception>
    public IDisposable? Open(HttpContext http)
    {
        if (max is not { } streams)
        {
            return null;
        }

        var caller = Caller.Of(http);
        return _open.TryAdd(caller, streams)
            ? new Stream(_open, caller)
            : throw new WeftException(
                ProblemKind.Overloaded, $"The caller may have at most {max} streams open. Close one, or try again later.");
    }

    private sealed class Stream(CallerCounts open, Caller caller) : IDisposable
    {
        public void Dispose() => open.Remove(caller);
    }
}
