namespace Weft.Samples.Tests;

public sealed class ResearchTests
{
    [Fact]
    public async Task Every_question_is_answered_and_the_answers_make_the_report()
    {
        await using var sample = await RunningSample.StartAsync("Research");

        using var stream = await sample.Api.StreamAsync(
            "/runs/stream", """{"assistant_id":"research","input":{"topic":"the loom"},"stream_mode":"updates"}""");
        var updates = (await stream.ToEndAsync()).Where(frame => frame.Event == "updates")
            .Select(frame => frame.Json.EnumerateObject().Single()).ToList();

        updates.Select(update => update.Name).ShouldBe(["plan", "answer", "answer", "answer", "report"]);
        updates[^1].Value.GetProperty("report").GetString().ShouldBe("""
            # Report
            - Who made the first? Nobody knows.
            - How does it work? Nobody knows.
            - Where is it used? Nobody knows.
            """);
    }
}
