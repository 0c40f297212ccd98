using System.Globalization;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace Weft.Server.Tests.Webhooks;

/// <summary>When a webhook that was not accepted is called again.</summary>
public sealed class RetryTests
{
    private static readonly DateTimeOffset Start = new(2031, 2, 3, 4, 5, 6, TimeSpan.Zero);

    [Theory]
    [InlineData(503)]
    [InlineData(404)]
    [InlineData(301)]
    public async Task A_webhook_is_called_until_it_is_accepted_with_the_same_id(int status)
    {
        var failures = 3;
        await using var receiver = await HookReceiver.StartAsync(http =>
        {
            http.Response.StatusCode = failures-- > 0 ? status : 200;
            return Task.CompletedTask;
        });
        var time = new FakeTimeProvider(Start);
        await using var server = await HookServer.StartAsync(time: time);
        var run = await server.RunAsync(receiver.Address);

        for (var count = 1; count <= 3; count++)
        {
            await AdvanceAsync(server, time, run, count);
        }

        var delivery = await server.DeliveryAsync(run, delivery => delivery.Text("status") == "delivered");
        delivery.GetProperty("attempts").EnumerateArray().Select(attempt => attempt.GetProperty("status_code").GetInt32())
            .ShouldBe([status, status, status, 200]);
        receiver.All.ShouldAllBe(call => call.Headers["webhook-id"] == run);
        Payloads(receiver).Distinct().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_receiver_that_is_dead_for_long_is_called_less_and_less_often_and_given_up_after_a_day()
    {
        await using var receiver = await HookReceiver.StartAsync(Answer(500));
        var time = new FakeTimeProvider(Start);
        await using var server = await HookServer.StartAsync(time: time);
        var run = await server.RunAsync(receiver.Address);

        var waits = new List<TimeSpan>();
        while (await AdvanceAsync(server, time, run, waits.Count + 1) is { } wait)
        {
            waits.Add(wait);
        }

        var delivery = await server.DeliveryAsync(run, delivery => delivery.Text("status") == "failed");
        var last = delivery.GetProperty("last_attempt").GetProperty("started_at").GetDateTimeOffset();
        delivery.GetProperty("attempts").GetArrayLength().ShouldBe(waits.Count + 1);
        waits.Count.ShouldBeInRange(10, 14);
        waits[0].ShouldBeInRange(TimeSpan.FromSeconds(3.75), TimeSpan.FromSeconds(6.25));
        waits[1].ShouldBeInRange(TimeSpan.FromSeconds(11.25), TimeSpan.FromSeconds(18.75));
        waits[^1].ShouldBeInRange(TimeSpan.FromHours(3), TimeSpan.FromHours(5));
        (last - Start).ShouldBeInRange(TimeSpan.FromHours(18), TimeSpan.FromHours(24));
        (await server.Root.GetAsync("/weft/webhooks?status=failed")).Json.GetProperty("webhooks").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task The_number_of_calls_is_limited()
    {
        await using var receiver = await HookReceiver.StartAsync(Answer(500));
        var time = new FakeTimeProvider(Start);
        await using var server = await HookServer.StartAsync(options => options.AttemptsMax = 2, time);
        var run = await server.RunAsync(receiver.Address);

        (await AdvanceAsync(server, time, run, 1)).ShouldNotBeNull();
        (await AdvanceAsync(server, time, run, 2)).ShouldBeNull();

        receiver.All.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_receiver_that_is_gone_is_not_called_again()
    {
        await using var receiver = await HookReceiver.StartAsync(Answer((int)HttpStatusCode.Gone));
        await using var server = await HookServer.StartAsync();

        var run = await server.RunAsync(receiver.Address);

        var delivery = await server.DeliveryAsync(run, delivery => delivery.Text("status") == "failed");
        delivery.GetProperty("attempts").GetArrayLength().ShouldBe(1);
        delivery.GetProperty("next_attempt_at").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Theory]
    [InlineData("600", 600)]
    [InlineData("1", 5)]
    [InlineData("999999999", 4 * 3600)]
    [InlineData("Mon, 03 Feb 2031 04:35:06 GMT", 1800)]
    public async Task A_receiver_may_ask_for_a_longer_wait_within_bounds(string retryAfter, double seconds)
    {
        await using var receiver = await HookReceiver.StartAsync(http =>
        {
            http.Response.Headers.RetryAfter = retryAfter;
            return Answer(429)(http);
        });
        await using var server = await HookServer.StartAsync(time: new FakeTimeProvider(Start));

        var run = await server.RunAsync(receiver.Address);

        var next = (await NextAsync(server, run, 1))!.Value - Start;
        next.TotalSeconds.ShouldBe(seconds, 1.3);
    }

    [Fact]
    public async Task A_call_has_a_limit_of_time_and_the_body_of_an_answer_is_not_awaited()
    {
        await using var silent = await HookReceiver.StartAsync(http => Task.Delay(Timeout.Infinite, http.RequestAborted));
        await using var endless = await HookReceiver.StartAsync(async http =>
        {
            http.Response.StatusCode = 200;
            while (true)
            {
                await http.Response.WriteAsync(new string('x', 100_000), http.RequestAborted);
            }
        });
        await using var server = await HookServer.StartAsync(options => options.Timeout = TimeSpan.FromMilliseconds(200));

        var waiting = await server.RunAsync(silent.Address);
        var reading = await server.RunAsync(endless.Address);

        var timedOut = await server.DeliveryAsync(waiting, delivery => delivery.GetProperty("attempts").GetArrayLength() > 0);
        timedOut.GetProperty("attempts")[0].Text("error").ShouldBe("timeout");
        timedOut.GetProperty("attempts")[0].GetProperty("duration_ms").GetDouble().ShouldBeInRange(190, 20_000);
        await server.DeliveryAsync(reading, delivery => delivery.Text("status") == "delivered");
    }

    private static Func<HttpContext, Task> Answer(int status) => http =>
    {
        http.Response.StatusCode = status;
        return Task.CompletedTask;
    };

    /// <summary>What was sent, without the time of the call.</summary>
    private static IEnumerable<string> Payloads(HookReceiver receiver) => receiver.All.Select(call => string.Join(
        ',', call.Json.EnumerateObject().Where(member => member.Name != "webhook_sent_at").Select(member => member.ToString())));

    /// <summary>Waits for a failed attempt and for the time of the next; null if there is none.</summary>
    private static async Task<DateTimeOffset?> NextAsync(TestServer server, string run, int attempts)
    {
        var delivery = await server.DeliveryAsync(run, delivery => delivery.GetProperty("attempts").GetArrayLength() == attempts);
        return delivery.GetProperty("next_attempt_at") is { ValueKind: JsonValueKind.String } next
            ? DateTimeOffset.Parse(next.GetString()!, CultureInfo.InvariantCulture)
            : null;
    }

    /// <summary>Sets the clock to the next attempt after a failed one, and waits for it. Returns the wait; null if there is none.</summary>
    private static async Task<TimeSpan?> AdvanceAsync(TestServer server, FakeTimeProvider time, string run, int attempts)
    {
        if (await NextAsync(server, run, attempts) is not { } next)
        {
            return null;
        }

        var wait = next - time.GetUtcNow();
        time.Advance(wait);
        while (!await HasBegunAsync(server, run, attempts + 1))
        {
            // The sender began to wait after it had looked at the clock. It looks again after at most a minute.
            time.Advance(TimeSpan.FromMinutes(1));
        }

        return wait;
    }

    private static async Task<bool> HasBegunAsync(TestServer server, string run, int attempts)
    {
        for (var count = 0; count < 100; count++)
        {
            var delivery = (await server.Root.GetAsync($"/weft/webhooks/{run}")).Json;
            if (delivery.GetProperty("attempt_count").GetInt32() >= attempts)
            {
                return true;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10), TestContext.Current.CancellationToken);
        }

        return false;
    }
}
