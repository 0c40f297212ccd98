namespace Weft.Server.Tests.Platform;

public sealed class SuperstepTests(SharedServer shared) : ServerTests(shared)
{
    [Fact]
    public async Task A_thread_may_begin_with_states_made_by_supersteps()
    {
        var created = (await Root.PostAsync("/threads", """
            {"metadata":{"graph_id":"echo"},"supersteps":[
              {"updates":[{"values":{"messages":[{"type":"human","content":"foo","id":"m0"}]},"as_node":"__input__"}]},
              {"updates":[{"values":{"messages":[{"type":"human","content":"foo","id":"m0"}]},"as_node":"__start__"}]},
              {"updates":[{"command":{"update":{"messages":[{"type":"ai","content":"bar","id":"m1"}]}},"as_node":"answer"}]}]}
            """)).ShouldBeOk().Json;
        created.Text("status").ShouldBe("idle");
        created.GetProperty("values").Texts().ShouldBe(["foo", "bar"]);
        var history = (await Root.PostAsync($"/threads/{created.Text("thread_id")}/history", "{}")).ShouldBeOk().Json;
        history.EnumerateArray().Select(state => state.GetProperty("metadata").GetProperty("step").GetInt32()).ShouldBe([1, 0, -1]);
        history[1].GetProperty("next").Strings().ShouldBe(["answer"]);
    }

    [Theory]
    [InlineData("""{"supersteps":[]}""")]
    [InlineData("""{"supersteps":null}""")]
    [InlineData("""{"metadata":{"graph_id":"echo"},"supersteps":[]}""")]
    public async Task No_supersteps_make_a_thread_without_a_state(string body)
    {
        var created = (await Root.PostAsync("/threads", body)).ShouldBeOk();

        (await Root.PostAsync($"/threads/{created.String("thread_id")}/history", "{}")).ShouldBeOk().Text.ShouldBe("[]");
    }

    [Theory]
    [InlineData("""{"supersteps":[{"updates":[]}]}""", "metadata.graph_id")]
    [InlineData("""{"metadata":{"graph_id":"echo"},"supersteps":{}}""", "supersteps")]
    [InlineData("""{"metadata":{"graph_id":"echo"},"supersteps":[{"updates":5}]}""", "supersteps[0]")]
    [InlineData("""{"metadata":{"graph_id":"echo"},"supersteps":[{"updates":[1]}]}""", "supersteps[0].updates[0]")]
    [InlineData("""{"metadata":{"graph_id":"echo"},"supersteps":[{"updates":[{"values":{},"as_node":"nope"}]}]}""", "nope")]
    [InlineData("""{"metadata":{"graph_id":"echo"},"supersteps":[{"updates":[{"values":{},"as_node":"__input__"},{"values":{},"as_node":"answer"}]}]}""", "__input__")]
    [InlineData("""{"metadata":{"graph_id":"echo"},"supersteps":[{"updates":[{"command":{"goto":"nope"},"as_node":"answer"}]}]}""", "goto")]
    public async Task Supersteps_that_can_t_be_made_make_no_thread(string body, string named)
    {
        var id = Guid.CreateVersion7();
        var answer = await Root.PostAsync("/threads", $$"""{"thread_id":"{{id}}",{{body[1..]}}""");
        answer.Status.ShouldBe(422);
        answer.String("detail").ShouldContain(named);
        (await Root.GetAsync($"/threads/{id}")).Status.ShouldBe(404);
    }
}
