using System.Diagnostics;
using System.Text;
using Weft.Server.Tests;
using Weft.Server.Tests.Recovery;

namespace Weft.Samples.Tests;

/// <summary>A sample that serves, as a process of its own on a free port, until it is disposed.</summary>
internal sealed class RunningSample : IAsyncDisposable
{
    private const string Listening = "Now listening on: ";

    private readonly TempFolder _folder;
    private readonly Process _process;
    private readonly HttpClient _client;

    private RunningSample(TempFolder folder, Process process, Uri address)
    {
        _folder = folder;
        _process = process;
        // The tests say which cookie a call has.
        _client = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = address };
        Api = new Api(_client, "");
    }

    public Api Api { get; }

    public static async Task<RunningSample> StartAsync(string sample, params string[] arguments)
    {
        var folder = new TempFolder();
        var process = SampleProgram.Start(sample, folder.Path, [.. arguments, "--urls", "http://127.0.0.1:0"]);
        try
        {
            return new RunningSample(folder, process, await AddressOfAsync(process, sample));
        }
        catch
        {
            await EndAsync(process, folder);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await EndAsync(_process, _folder);
    }

    private static async Task<Uri> AddressOfAsync(Process process, string sample)
    {
        var address = new TaskCompletionSource<string>();
        var printed = new StringBuilder();
        void Read(object _, DataReceivedEventArgs line)
        {
            lock (printed)
            {
                printed.AppendLine(line.Data);
            }

            if (line.Data?.IndexOf(Listening, StringComparison.Ordinal) is >= 0 and var start)
            {
                address.TrySetResult(line.Data[(start + Listening.Length)..]);
            }
        }

        process.OutputDataReceived += Read;
        process.ErrorDataReceived += Read;
        process.Exited += (_, _) => address.TrySetException(new InvalidOperationException($"{sample} has ended:\n{printed}"));
        process.EnableRaisingEvents = true;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new Uri(await address.Task.Within($"{sample} to listen"));
    }

    private static async Task EndAsync(Process process, TempFolder folder)
    {
        process.Kill();
        await process.WaitForExitAsync(CancellationToken.None).Within("the sample to end");
        process.Dispose();
        folder.Dispose();
    }
}
