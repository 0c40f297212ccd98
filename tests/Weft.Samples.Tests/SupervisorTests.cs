namespace Weft.Samples.Tests;

public sealed class SupervisorTests
{
    [Fact]
    public async Task The_supervisor_hands_the_task_to_its_members()
    {
        await using var sample = await RunningSample.StartAsync("Supervisor");

        using var stream = await sample.Api.StreamAsync(
            "/runs/stream",
            """
            {
              "assistant_id":"office",
              "input":{"messages":"Write a letter to Ann with the price of silk."},
              "stream_mode":"updates",
              "stream_subgraphs":true}
            """);
        var frames = await stream.ToEndAsync();

        var nodes = frames.Where(frame => frame.Event.StartsWith("updates", StringComparison.Ordinal))
            .Select(frame => $"{frame.Event.Split(':')[0]} {frame.Json.EnumerateObject().First().Name}");
        nodes.ShouldContain("updates|accountant tools");
        nodes.ShouldContain("updates|writer draft");
        nodes.ShouldContain("updates|writer polish");
        frames.Last(frame => frame.Event == "updates").Json.EnumerateObject().Single().Value.Said().ShouldBe("The letter is written.");
    }
}
