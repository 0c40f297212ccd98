using System.Net;
using System.Net.Sockets;

namespace Weft.Server.Tests.Webhooks;

/// <summary>A receiver that does not answer delays nobody else.</summary>
public sealed class FairnessTests
{
    [Fact]
    public async Task A_live_receiver_is_called_while_twenty_webhooks_wait_for_a_silent_one()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await using var live = await HookReceiver.StartAsync();
        await using var server = await HookServer.StartAsync(
            options =>
            {
                options.CallsMax = 16;
                options.AllowedHosts.Add("127.0.0.0/8");
            },
            names: new Names());
        var address = new Uri($"http://silent.example:{((IPEndPoint)silent.LocalEndpoint).Port}/");
        var waiting = new List<string>();
        for (var count = 0; count < 20; count++)
        {
            waiting.Add(await server.RunAsync(address));
        }

        var connected = new List<TcpClient>();
        while (connected.Count < 8)
        {
            var accepting = silent.AcceptTcpClientAsync(TestContext.Current.CancellationToken).AsTask();
            connected.Add(await accepting.Within("the silent receiver to be called"));
        }

        var run = await server.RunAsync(new Uri($"http://live.example:{live.Address.Port}/"));

        (await live.NextAsync()).Headers["webhook-id"].ShouldBe(run);
        await server.DeliveryAsync(run, delivery => delivery.Text("status") == "delivered");
        silent.Pending().ShouldBeFalse("at most 8 calls at once to one receiver");
        foreach (var id in waiting)
        {
            (await server.Root.GetAsync($"/weft/webhooks/{id}")).Json.GetProperty("attempts").GetArrayLength().ShouldBe(0);
        }

        silent.Stop();
        connected.ForEach(client => client.Dispose());
    }

    [Fact]
    public async Task Calls_wait_while_the_payloads_of_others_are_too_large()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var receiver = await HookReceiver.StartAsync(http => gate.Task.WaitAsync(http.RequestAborted));
        await using var server = await HookServer.StartAsync(options =>
        {
            options.CallsPerReceiverMax = 100;
            options.PayloadBytesMax = 1;
        });
        var runs = new List<string>();
        for (var count = 0; count < 20; count++)
        {
            runs.Add(await server.RunAsync(receiver.Address));
        }

        await receiver.NextAsync();
        await Task.Delay(TimeSpan.FromMilliseconds(300), TestContext.Current.CancellationToken);
        receiver.All.Count.ShouldBeLessThanOrEqualTo(8);
        gate.SetResult();

        foreach (var run in runs)
        {
            await server.DeliveryAsync(run, static delivery => delivery.Text("status") == "delivered");
        }

        receiver.All.Select(static call => call.Headers["webhook-id"]).ShouldBe(runs, ignoreOrder: true);
    }

    private sealed class Names : WebhookNames
    {
        public override Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken) =>
            Task.FromResult<IPAddress[]>([IPAddress.Loopback]);
    }
}
