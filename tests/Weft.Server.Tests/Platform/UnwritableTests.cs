using System.Net;
using System.Text.Json;

namespace Weft.Server.Tests.Platform;

/// <summary>What nodes give that is no JSON is the run's failure, and the thread stays as it was.</summary>
public sealed class UnwritableTests(SharedServer shared) : ServerTests(shared)
{
    private const string Modes = """["values","updates","custom","tasks","checkpoints","debug","events"]""";

    public static TheoryData<string, string> Given => new MatrixTheoryData<string, string>(
        ["state", "stream", "store", "question"], ["NaN", "cycle", "type", "a getter that throws"]);

    [Theory]
    [MemberData(nameof(Given))]
    [InlineData("state", "too deep")]
    [InlineData("question", "too deep")]
    [InlineData("stream", "default")]
    [InlineData("store", "default")]
    [InlineData("question", "default")]
    public async Task A_stream_ends_with_the_error_and_the_state_is_that_of_the_step_before(string where, string what)
    {
        var thread = await Root.NewThreadAsync();

        using var stream = await Root.StreamAsync(
            $"/threads/{thread}/runs/stream",
            $$"""{"assistant_id":"unwritable","input":{"what":"{{what}}","where":"{{where}}"},"stream_mode":{{Modes}}}""");
        var frames = await stream.ToEndAsync();

        frames[^2].Event.ShouldBe("error");
        frames[^1].Json.Text("status").ShouldBe("error");
        await ShouldStandBeforeAsync(thread, where, what, frames[^2].Json.Text("message"));
    }

    [Theory]
    [InlineData("""{"durability":"sync"}""")]
    [InlineData("""{"durability":"async"}""")]
    [InlineData("""{"stream_resumable":true}""")]
    [InlineData("""{"stream_mode":["values","updates","events"],"stream_resumable":true}""")]
    public async Task A_run_that_is_waited_for_ends_too(string options)
    {
        var thread = await Root.NewThreadAsync();

        var answer = await Root.PostAsync(
            $"/threads/{thread}/runs/wait", $$"""{"assistant_id":"unwritable","input":{"what":"cycle","where":"state"},{{options[1..]}}""");

        await ShouldStandBeforeAsync(thread, "state", "cycle", answer.ShouldBeOk().Json.GetProperty("__error__").Text("message"));
        using var joined = await Root.JoinAsync($"{answer.RunPath}/stream", ("Last-Event-ID", "-1"));
        (await joined.ToEndAsync())[^1].Json.Text("status").ShouldBe("error");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Json_outlives_the_document_that_it_comes_from(bool resumable)
    {
        async Task<IReadOnlyList<SseFrame>> StreamAsync(string where)
        {
            using var stream = await Root.StreamAsync(
                $"/threads/{await Root.NewThreadAsync()}/runs/stream",
                $$"""{"assistant_id":"unwritable","input":{"what":"a document's","where":"{{where}}"},"stream_mode":["updates","custom"],"stream_resumable":{{(resumable ? "true" : "false")}}}""");
            var frames = await stream.ToEndAsync();
            frames[^1].Json.Text("status").ShouldBe("success");
            return frames;
        }

        (await StreamAsync("state"))[^2].Data.ShouldBe("""{"give":{"value":{"t":21}}}""");
        (await StreamAsync("stream")).ShouldContain(frame => frame.Event == "custom" && frame.Data == """{"t":21}""");
        (await StreamAsync("question"))[^2].Data.ShouldContain("""
            "value":{"t":21}
            """);
    }

    [Theory]
    [InlineData("sync")]
    [InlineData("async")]
    [InlineData("exit")]
    public async Task A_value_that_is_no_json_at_all_is_refused(string durability)
    {
        var thread = await Root.NewThreadAsync();

        var answer = await Root.PostAsync(
            $"/threads/{thread}/runs/wait",
            $$"""{"assistant_id":"unwritable","input":{"what":"default","where":"state"},"durability":"{{durability}}"}""");

        answer.ShouldBeOk().Json.GetProperty("__error__").Text("error").ShouldBe("InvalidOperationException");
        (await Root.GetAsync($"/threads/{thread}")).Json.Text("status").ShouldBe("error");
        (await Root.DeleteAsync($"/threads/{thread}")).ShouldBe(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task Of_nodes_at_once_only_what_could_be_kept_is_known_afterwards()
    {
        var thread = await Root.NewThreadAsync();

        (await Root.PostAsync($"/threads/{thread}/runs/wait", """{"assistant_id":"unwritable-beside","input":{}}""")).ShouldBeOk().Json
            .GetProperty("__error__").Text("message").ShouldContain("'value'");

        var tasks = (await Root.GetAsync($"/threads/{thread}/state")).ShouldBeOk().Json.GetProperty("tasks");
        tasks[0].Text("name").ShouldBe("bad");
        tasks[0].GetProperty("result").ValueKind.ShouldBe(JsonValueKind.Null);
        tasks[1].GetProperty("result").ShouldBeJson("""{"good":true}""");
    }

    private async Task ShouldStandBeforeAsync(string thread, string where, string what, string message)
    {
        var view = (await Root.GetAsync($"/threads/{thread}")).ShouldBeOk().Json;
        view.Text("status").ShouldBe("error");
        view.Text("error").ShouldBe(message);
        message.Contains("'value'", StringComparison.Ordinal).ShouldBe(where == "state", message);
        var state = (await Root.GetAsync($"/threads/{thread}/state")).ShouldBeOk().Json;
        state.GetProperty("values").ShouldBeJson($$"""{"what":"{{what}}","where":"{{where}}","before":true}""");
        state.GetProperty("next").Strings().ShouldBe(["give"]);
        (await Root.PostAsync($"/threads/{thread}/history", "{}")).ShouldBeOk().Json.GetArrayLength().ShouldBe(3);

        (await Root.PostAsync($"/threads/{thread}/runs/wait", """{"assistant_id":"unwritable","input":{"what":"half a character","where":"state"}}"""))
            .ShouldBeOk().Json
            .GetProperty("value").GetString().ShouldBe("\ufffd");
    }
}
