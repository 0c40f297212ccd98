using System.Text;
using System.Text.Json;

namespace Weft.Server.Tests;

/// <summary>A stream of server-sent events, read line by line.</summary>
public sealed class SseStream : IDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly StreamReader _reader;

    private SseStream(HttpResponseMessage response, Stream body)
    {
        _response = response;
        _reader = new StreamReader(body, Encoding.UTF8);
    }

    public static async Task<SseStream> OpenAsync(HttpResponseMessage response) =>
        new(response, await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));

    public string? Header(string name) =>
        _response.Headers.TryGetValues(name, out var values) || _response.Content.Headers.TryGetValues(name, out values)
            ? string.Join(",", values)
            : null;

    /// <summary>The ids of the run, from <c>Content-Location</c>.</summary>
    public (string ThreadId, string RunId) Ids()
    {
        var parts = Header("Content-Location")!.Split('/');
        return (parts[^3], parts[^1]);
    }

    public Task<string?> LineAsync() =>
        _reader.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().Within("a line of the stream");

    /// <summary>The next event, comments passed over; null at the end.</summary>
    public async Task<SseFrame?> NextAsync()
    {
        var lines = new List<string>();
        while (await LineAsync() is { } line)
        {
            if (line.Length > 0 && line[0] != ':')
            {
                lines.Add(line);
            }
            else if (line.Length == 0 && lines.Count > 0)
            {
                return SseFrame.Parse(lines);
            }
        }

        lines.ShouldBeEmpty("the stream ends inside an event");
        return null;
    }

    /// <summary>Reads on until an event of the name, which it returns.</summary>
    public async Task<SseFrame> UntilAsync(string name)
    {
        var seen = new List<string>();
        while (await NextAsync() is { } frame)
        {
            if (frame.Event == name)
            {
                return frame;
            }

            seen.Add(frame.Event);
        }

        throw new InvalidOperationException($"The stream ended without '{name}'; it had {string.Join(", ", seen)}.");
    }

    public async Task<List<SseFrame>> ToEndAsync()
    {
        var frames = new List<SseFrame>();
        while (await NextAsync() is { } frame)
        {
            frames.Add(frame);
        }

        return frames;
    }

    /// <summary>Reads on until the server dies.</summary>
    public async Task<List<SseFrame>> ToBreakAsync()
    {
        var frames = new List<SseFrame>();
        try
        {
            while (await NextAsync() is { } frame)
            {
                frames.Add(frame);
            }
        }
        catch (IOException)
        {
            // In the middle of the answer, as it should be.
        }

        return frames;
    }

    /// <summary>Goes away.</summary>
    public void Dispose()
    {
        _response.Dispose();
        _reader.Dispose();
    }
}

/// <summary>One event.</summary>
public sealed record SseFrame(string Event, string Data, string? Id, string Raw)
{
    public JsonElement Json => JsonElement.Parse(Data);

    public static SseFrame Parse(IReadOnlyList<string> lines)
    {
        string? Field(string name) =>
            lines.SingleOrDefault(line => line.StartsWith(name + ": ", StringComparison.Ordinal))?[(name.Length + 2)..];
        return new SseFrame(Field("event") ?? "message", Field("data") ?? "", Field("id"), string.Join("\n", lines));
    }
}
