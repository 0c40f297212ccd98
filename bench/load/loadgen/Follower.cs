namespace Bench.LoadGen;

/// <summary>
/// The events of a thread, read through the second protocol. As clients do, it is opened once, and then waits for run after run.
/// </summary>
internal sealed class Follower(Server server, string thread, HttpResponseMessage response, Stream content) : IDisposable
{
    private readonly Sse sse = new(isSecond: true);

    /// <summary>One run to its end; the bytes of its events. Throws where the run did not end well.</summary>
    public async Task<int> Wait(byte[] body)
    {
        var (ends, errors, bytes) = (sse.Ends, sse.Errors, sse.Bytes);
        await server.Start(thread, body);
        while (sse.Ends == ends)
        {
            var read = await content.ReadAsync(sse.Space(), server.Bound);
            if (read == 0)
            {
                throw new InvalidDataException("wait: the events of the thread ended");
            }

            sse.Commit(read);
        }

        return sse.Errors == errors ? (int)(sse.Bytes - bytes) : throw new InvalidDataException("wait: the run failed");
    }

    public void Dispose()
    {
        content.Dispose();
        response.Dispose();
    }
}
