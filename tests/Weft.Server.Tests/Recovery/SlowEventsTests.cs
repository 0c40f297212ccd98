using Microsoft.Extensions.DependencyInjection;
using Weft.Runs;

namespace Weft.Server.Tests.Recovery;

/// <summary>Checkpoints and outcomes wait for events that are slow to store.</summary>
public sealed class SlowEventsTests
{
    [Theory]
    [InlineData("async")]
    [InlineData("sync")]
    [InlineData("exit")]
    public async Task A_question_is_shown_and_answered_though_its_events_were_stored_late(string durability)
    {
        var isStored = new TaskCompletionSource();
        using var folder = new TempFolder();
        await using var server = await TestServer.StartAsync(folder.Path, add: weft =>
        {
            weft.UseSqlite(Path.Combine(folder.Path, "weft.db"));
            weft.Intercept<IStreamEventStore>(
                (method, _, answer) => method == nameof(IStreamEventStore.AppendAsync) ? AfterAsync(isStored.Task, (Task)answer) : answer);
        });
        var thread = await server.Root.NewThreadAsync();
        var more = $$""","stream_resumable":true,"stream_mode":["values","tasks"],"durability":"{{durability}}" """;
        var asked = server.Root.PostAsync($"/threads/{thread}/runs/stream", Bodies.Asking(more));

        // The run goes on until it waits for its events.
        await Task.Delay(200, TestContext.Current.CancellationToken);
        isStored.SetResult();

        var stream = (await asked).ShouldBeOk().Text;
        stream.ShouldContain("which one?");
        var state = (await server.Root.GetAsync($"/threads/{thread}/state")).ShouldBeOk().Json;
        var question = state.GetProperty("tasks")[0].GetProperty("interrupts")[0];
        question.Text("value").ShouldBe("which one?");
        (await server.Root.PostAsync(
            $"/threads/{thread}/runs/wait",
            $$$"""{"assistant_id":"asking","command":{"resume":{"{{{question.Text("id")}}}":"green"} } }"""))
            .ShouldBeOk().Json.Texts().ShouldBe(["you chose green"]);
    }

    private static async Task AfterAsync(Task before, Task answer)
    {
        await before;
        await answer;
    }
}
