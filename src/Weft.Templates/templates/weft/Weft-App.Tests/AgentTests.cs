using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Weft.Testing;

namespace Weft_App.Tests;

public sealed class AgentTests
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2030, 1, 1, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task The_agent_knows_the_time()
    {
        var model = new ScriptedChatClient(
            ScriptedAnswer.Calls("time_in", ("zone", "Europe/Oslo")),
            ScriptedAnswer.From(call => $"It is {call.LastText}."));
        await using var server = await StartAsync(model);

        var stream = await server.NewThread("agent").StreamAsync(
            """{"messages":"What time is it in Oslo?"}""", cancellationToken: TestContext.Current.CancellationToken);

        stream.ExpectNodes("agent", "tools", "agent");
        Assert.Contains("13:00", stream.Values.GetProperty("messages")[2].GetProperty("content").GetString());
    }

    [Fact]
    public async Task The_agent_asks_before_it_sends_mail()
    {
        var model = new ScriptedChatClient(ScriptedAnswer.Calls("send_mail", ("to", "bob@example.com"), ("text", "Lunch?")), "Sent.");
        await using var server = await StartAsync(model);
        var thread = server.NewThread("agent");

        var paused = await thread.StreamAsync("""{"messages":"Invite Bob."}""", cancellationToken: TestContext.Current.CancellationToken);
        var done = await thread.StreamResumeAsync("true", cancellationToken: TestContext.Current.CancellationToken);

        Assert.Single(paused.Questions);
        done.ExpectText("Sent.");
    }

    private Task<WeftTestServer> StartAsync(ScriptedChatClient model) => WeftTestServer.StartAsync(
        weft => weft.AddGraph("agent", Agent.Create(model, _clock)), cancellationToken: TestContext.Current.CancellationToken);
}
