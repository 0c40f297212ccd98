namespace Weft.Samples.Tests;

public sealed class HelloGraphTests
{
    [Fact]
    public async Task The_graph_greets_and_takes_the_edge_that_the_state_chooses()
    {
        await using var sample = await RunningSample.StartAsync("HelloGraph");

        var loud = await sample.Api.PostAsync("/runs/wait", """{"assistant_id":"hello","input":{"name":"Ada","isLoud":true}}""");
        using var stream = await sample.Api.StreamAsync(
            "/runs/stream", """{"assistant_id":"hello","input":{"name":"Ada"},"stream_mode":"updates"}""");
        var quiet = await stream.ToEndAsync();

        loud.ShouldBeOk().Text.ShouldBe("""{"name":"Ada","isLoud":true,"text":"HELLO, ADA."}""");
        quiet.Where(frame => frame.Event == "updates").Select(frame => frame.Data).ShouldBe(["""{"greet":{"text":"Hello, Ada."}}"""]);
    }
}
