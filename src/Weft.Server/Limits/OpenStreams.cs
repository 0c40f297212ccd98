using Microsoft.AspNetCore.Http;
using Weft.Runs;

namespace Weft.Server;

/// <summary>Counts the event streams and WebSockets that each caller has open.</summary>
/// <param name="max">How many a caller may have; null for no limit, and then nothing is counted.</param>
internal sealed class OpenStreams(int? max)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Caller, int> _open = [];

    public bool IsLimited => max is not null;

    /// <summary>Counts a stream until the result is disposed of.</summary>
    /// <exception cref="WeftException">The caller has as many as it may have.</exception>
    public IDisposable? Open(HttpContext http)
    {
        if (max is null)
        {
            return null;
        }

        var caller = Caller.Of(http);
        lock (_lock)
        {
            var count = _open.GetValueOrDefault(caller);
            if (count >= max)
            {
                throw new WeftException(
                    ProblemKind.Overloaded, $"The caller may have at most {max} streams open. Close one, or try again later.");
            }

            _open[caller] = count + 1;
        }

        return new Stream(this, caller);
    }

    private void Close(Caller caller)
    {
        lock (_lock)
        {
            if (_open[caller] == 1)
            {
                _open.Remove(caller);
            }
            else
            {
                _open[caller]--;
            }
        }
    }

    private sealed class Stream(OpenStreams streams, Caller caller) : IDisposable
    {
        public void Dispose() => streams.Close(caller);
    }
}
