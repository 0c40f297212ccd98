using System.Globalization;

namespace Weft.Server.Tests.Recovery;

public sealed class WebhookCrashTests
{
    /// <summary>The server dies before the call, or during it.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_end_of_a_run_reaches_its_webhook_although_the_server_is_killed(bool isDuringCall)
    {
        using var folder = new TempFolder();
        var start = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        string[] arguments =
        [
            "--open", "--sixty-from", start, "--Weft:Server:Webhooks:AllowedHosts:0", "127.0.0.1",
            "--Weft:Server:Webhooks:Timeout", "00:03:00",
        ];
        var silent = await HookReceiver.StartAsync(http => Task.Delay(Timeout.Infinite, http.RequestAborted));
        var address = silent.Address;
        string run;
        if (!isDuringCall)
        {
            await silent.DisposeAsync();
        }

        using (var host = await CrashHost.StartAsync(folder, arguments))
        {
            // The thread is removed with the end of the run.
            var body = $$"""{"assistant_id":"steps","input":{},"webhook":"{{address}}ended"}""";
            run = (await host.Root.PostAsync("/runs", body)).ShouldBeOk().String("run_id");
            await Waiting.Until(async () => (await host.Root.GetAsync($"/weft/webhooks/{run}")).Status == 200, "the end of the run");
            if (isDuringCall)
            {
                await silent.NextAsync();
            }

            await host.KillAsync();
        }

        await silent.DisposeAsync();
        await using var receiver = await HookReceiver.StartAsync(port: address.Port);
        using var next = await CrashHost.StartAsync(folder, arguments);

        var call = await receiver.NextAsync();
        call.Headers["webhook-id"].ShouldBe(run);
        call.Json.GetProperty("values").GetProperty("steps").Strings().ShouldBe(["first", "second"]);
        await Waiting.Until(
            async () => (await next.Root.GetAsync($"/weft/webhooks/{run}")).Json.Text("status") == "delivered", "the result of the call");
    }
}
