using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Weft.Cluster.Tests;

/// <summary>A body of JSON that begins with white space, until it may go on.</summary>
internal sealed class HeldContent : HttpContent
{
    private static readonly byte[] Space = Encoding.UTF8.GetBytes(new string(' ', 100));

    private readonly string _json;
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _mayGoOn = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public HeldContent(string json)
    {
        _json = json;
        Headers.ContentType = new MediaTypeHeaderValue("application/json");
    }

    /// <summary>The body's first bytes were sent.</summary>
    public Task Begun => _begun.Task;

    public void GoOn() => _mayGoOn.TrySetResult();

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        // Servers refuse bodies that come too slowly.
        while (!_mayGoOn.Task.IsCompleted)
        {
            await stream.WriteAsync(Space);
            await stream.FlushAsync();
            _begun.TrySetResult();
            await Task.WhenAny(_mayGoOn.Task, Task.Delay(TimeSpan.FromMilliseconds(100)));
        }

        await stream.WriteAsync(Encoding.UTF8.GetBytes(_json));
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
