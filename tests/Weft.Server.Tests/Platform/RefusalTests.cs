using System.Net;

namespace Weft.Server.Tests.Platform;

/// <summary>What the engine refuses is told with its field, and the state and history of the thread stay as they were.</summary>
public sealed class RefusalTests(SharedServer shared) : ServerTests(shared)
{
    [Theory]
    [InlineData("""{"values":{"trail":"x"},"as_node":"nobody"}""", "as_node: The graph has no node 'nobody'; there are last, left, right.")]
    [InlineData("""{"values":{"trail":"x"},"as_node":"__end__"}""", "as_node: The graph has no node '__end__'")]
    [InlineData("""{"values":{"trail":"x"}}""", "Ambiguous update, specify as_node: the last superstep ran left and right.")]
    [InlineData("""{"values":{"trail":{"no":"text"}},"as_node":"left"}""", "values: The value for 'trail' is not a String")]
    [InlineData("""{"values":[{"to":"last"},{"trail":[5]}],"as_node":"left"}""", "values: The value for 'trail[0]' is not a String")]
    [InlineData("""{"values":{"trail":{"no":"text"}},"as_node":"__input__"}""", "values: The value for 'trail' is not a String")]
    public async Task An_edit(string body, string detail)
    {
        var thread = await SteeredAsync();
        var before = await StandingAsync(thread);

        (await Root.PostAsync($"/threads/{thread}/state", body)).ShouldBe(HttpStatusCode.UnprocessableEntity).Detail.ShouldContain(detail);
        (await Gateway.PostAsync($"/threads/{thread}/state", body)).ShouldBe(HttpStatusCode.UnprocessableEntity);

        (await StandingAsync(thread)).ShouldBe(before);
    }

    [Fact]
    public async Task Not_a_channel_that_is_not_there_it_is_passed_over()
    {
        var thread = await SteeredAsync("""{"nobody":1}""");

        (await Root.PostAsync($"/threads/{thread}/state", """{"values":{"nobody":1,"trail":"edited"},"as_node":"right"}""")).ShouldBeOk();
        var values = (await Root.PostAsync($"/threads/{thread}/runs/wait", """{"assistant_id":"steered","command":{"update":{"nobody":1,"trail":"commanded"}}}"""))
            .ShouldBeOk().Json;

        values.ShouldBeJson("""{"trail":["left","right","edited","commanded"]}""");
    }

    [Theory]
    [InlineData("""{"goto":"nobody"}""", "goto: the graph has no node 'nobody'; there are last, left, right.")]
    [InlineData("""{"goto":["left",{"node":"nobody","input":{}}]}""", "goto: the graph has no node 'nobody'")]
    [InlineData("""{"goto":{"input":{}}}""", "goto")]
    [InlineData("""{"goto":"__start__"}""", "goto: the graph has no node '__start__'")]
    [InlineData("""{"update":{"trail":{"no":"text"}}}""", "The value for 'trail' is not a String")]
    [InlineData("""{"update":"x"}""", "command")]
    [InlineData("""{"update":{"trail":"x"},"goto":"nobody","resume":1}""", "goto: the graph has no node 'nobody'")]
    public async Task A_command(string command, string detail)
    {
        var thread = await SteeredAsync();
        var before = await StandingAsync(thread);
        foreach (var path in (string[])["", "/wait", "/stream"])
        {
            var answer = await Root.PostAsync($"/threads/{thread}/runs{path}", $$"""{"assistant_id":"steered","command":{{command}}}""");
            answer.ShouldBe(HttpStatusCode.UnprocessableEntity).Detail.ShouldContain(detail);
        }

        (await StandingAsync(thread)).ShouldBe(before);
        (await Root.GetAsync($"/threads/{thread}/runs")).Json.GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task Checkpoints_of_another_thread()
    {
        var thread = await SteeredAsync();
        var before = await StandingAsync(thread);
        var other = (await Root.GetAsync($"/threads/{await SteeredAsync()}/state")).Json.GetProperty("checkpoint");
        var id = other.Text("checkpoint_id");
        foreach (var (path, body) in ((string, string)[])
            [
                ("/runs/wait", $$"""{"assistant_id":"steered","input":null,"checkpoint_id":"{{id}}"}"""),
                ("/runs/wait", $$"""{"assistant_id":"steered","input":{},"checkpoint":{{other}}}"""),
                ("/runs/stream", $$"""{"assistant_id":"steered","command":{"goto":"last"},"checkpoint":{{other}}}"""),
                ("/runs", $$$$"""{"assistant_id":"steered","input":{},"config":{"configurable":{"checkpoint_id":"{{{{id}}}}"}}}"""),
                ("/state", $$$"""{"values":{"trail":"x"},"as_node":"left","checkpoint_id":"{{{id}}}"}"""),
                ("/state", $$$"""{"values":{"trail":"x"},"as_node":"left","checkpoint":{{{other}}}}"""),
                ("/history", $$"""{"checkpoint":{{other}}}"""),
                ("/state/checkpoint", $$"""{"checkpoint":{{other}}}"""),
            ])
        {
            (await Root.PostAsync($"/threads/{thread}{path}", body)).ShouldBe(HttpStatusCode.NotFound).Detail.ShouldContain(id);
        }

        (await Root.GetAsync($"/threads/{thread}/state/{id}")).ShouldBe(HttpStatusCode.NotFound).Detail.ShouldContain(id);
        (await StandingAsync(thread)).ShouldBe(before);
        (await Root.GetAsync($"/threads/{thread}/runs")).Json.GetArrayLength().ShouldBe(1);
    }

    [Theory]
    [InlineData("""[{"updates":[{"values":{"trail":"x"},"as_node":"nobody"}]}]""", "The graph has no node 'nobody'")]
    [InlineData("""[{"updates":[{"values":{"trail":{"no":"text"}},"as_node":"left"}]}]""", "The value for 'trail' is not a String")]
    [InlineData("""[{"updates":[{"values":{},"as_node":"__start__"}]},{"updates":[{"values":null,"as_node":"left","command":{"goto":"nobody"}}]}]""", "goto: the graph has no node 'nobody'")]
    [InlineData("""[{"updates":[{"values":{"trail":"x"}},{"values":{"trail":"y"},"as_node":"left"}]}]""", "as_node")]
    public async Task Supersteps(string supersteps, string detail)
    {
        var thread = NewId();

        (await Root.PostAsync("/threads", $$$"""{"thread_id":"{{{thread}}}","metadata":{"graph_id":"steered"},"supersteps":{{{supersteps}}}}"""))
            .ShouldBe(HttpStatusCode.UnprocessableEntity).Detail.ShouldContain(detail);

        (await Root.GetAsync($"/threads/{thread}")).ShouldBe(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("""{"to":"nobody"}""", "The graph has no node 'nobody'; there are last, left, right.")]
    [InlineData("""{"to":"__start__"}""", "The graph has no node '__start__'; there are last, left, right.")]
    public async Task A_node_that_goes_nowhere_fails_its_run(string input, string message)
    {
        var thread = await SteeredAsync();

        var answer = (await Root.PostAsync($"/threads/{thread}/runs/wait", $$"""{"assistant_id":"steered","input":{{input}}}"""))
            .ShouldBeOk();

        answer.Json.GetProperty("__error__").Text("message").ShouldBe(message);
        answer.Json.GetProperty("__error__").Text("error").ShouldBe("UnknownNodeException");
        (await Root.GetAsync($"/threads/{thread}")).String("status").ShouldBe("error");
        var state = (await Root.GetAsync($"/threads/{thread}/state")).Json;
        state.GetProperty("values").GetProperty("trail").Strings().ShouldBe(["left", "right"]);
        state.GetProperty("next").Strings().ShouldBe(["left", "right"]);
        (await Root.PostAsync($"/threads/{thread}/runs/wait", """{"assistant_id":"steered","command":{"update":{"to":"last"}}}"""))
            .ShouldBeOk().Json
            .GetProperty("trail").Strings().ShouldBe(["left", "right", "left", "right", "last"]);
    }

    [Fact]
    public async Task An_answer_to_nothing_changes_nothing()
    {
        var thread = await SteeredAsync();
        var before = await StandingAsync(thread);

        var values =
            (await Root.PostAsync($"/threads/{thread}/runs/wait", """{"assistant_id":"steered","command":{"resume":"yes"}}"""))
            .ShouldBeOk().Json;
        values.ShouldBeJson("""{"trail":["left","right"]}""");
        (await StandingAsync(thread)).ShouldBe(before);

        var refused = (await Root.PostAsync(
            $"/threads/{thread}/runs/wait",
            """{"assistant_id":"steered","command":{"resume":{"00000000000000000000000000000001":"yes"}},"strict_resume":true}""")).ShouldBeOk().Json;
        refused.GetProperty("__error__").Text("error").ShouldBe("UnknownInterruptError");
        (await StandingAsync(thread)).ShouldBe(before);
    }

    /// <summary>State, history and thread, as they are told; but for the thread's status, which says how the last run ended.</summary>
    private async Task<string> StandingAsync(string thread) =>
        (await Root.PostAsync($"/threads/{thread}/history", "{}")).ShouldBeOk().Text
        + (await Root.GetAsync($"/threads/{thread}/state")).ShouldBeOk().Text
        + (await Root.GetAsync($"/threads/{thread}")).ShouldBeOk().Json.GetProperty("values").GetRawText();

    private async Task<string> SteeredAsync(string input = "{}")
    {
        var thread = await Root.NewThreadAsync();
        await Root.PostAsync($"/threads/{thread}/runs/wait", $$"""{"assistant_id":"steered","input":{{input}}}""");
        return thread;
    }
}
