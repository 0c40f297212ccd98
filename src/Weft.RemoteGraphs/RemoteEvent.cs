using System.Runtime.CompilerServices;
using System.Text;

namespace Weft.RemoteGraphs;

/// <summary>A server-sent event.</summary>
/// <param name="Name">The name: a stream mode and the namespace of the graph, separated by <c>|</c>.</param>
/// <param name="Data">The data.</param>
/// <param name="Id">The id; null if it has none.</param>
internal readonly record struct RemoteEvent(string Name, string Data, string? Id)
{
    /// <summary>Reads events until the stream ends or breaks.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="idleTimeout">How long it may be silent.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="IOException">The stream broke, or was silent for too long.</exception>
    public static async IAsyncEnumerable<RemoteEvent> ReadAsync(
        Stream stream, TimeSpan idleTimeout, TimeProvider time, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8, detectEncodingFromByteOrderMarks: false);
        using var idle = new CancellationTokenSource(idleTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(idle.Token, cancellationToken);
        var (name, id, data) = ("message", (string?)null, new StringBuilder());
        while (true)
        {
            string? line;
            try
            {
                line = await reader.ReadLineAsync(either.Token);
            }
            catch (OperationCanceledException) when (idle.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                throw new IOException($"The stream was silent for {idleTimeout}.");
            }

            if (line is null)
            {
                // An event that is not complete is dropped.
                yield break;
            }

            idle.CancelAfter(idleTimeout);
            if (line.Length > 0)
            {
                Take(line, ref name, ref id, data);
                continue;
            }

            if (data.Length > 0)
            {
                yield return new RemoteEvent(name, data.ToString(0, data.Length - 1), id);
            }

            (name, id) = ("message", null);
            data.Clear();
        }
    }

    private static void Take(string line, ref string name, ref string? id, StringBuilder data)
    {
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        var field = colon < 0 ? line : line[..colon];
        var value = colon < 0 ? "" : line[(colon + 1)..];
        value = value.StartsWith(' ') ? value[1..] : value;
        switch (field)
        {
            case "event":
                name = value;
                break;
            case "id":
                id = value;
                break;
            case "data":
                data.Append(value).Append('\n');
                break;
        }
    }
}
