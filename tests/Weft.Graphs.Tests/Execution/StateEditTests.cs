namespace Weft.Graphs.Tests.Execution;

/// <summary>Edits of the state (protocol, section E5), where the recordings of LangGraph do not reach.</summary>
public sealed class StateEditTests
{
    private static readonly ListChannel<string> Trail = Channel.List<string>("trail");
    private static readonly LastValueChannel<int> Number = Channel.LastValue<int>("number");
    private static readonly MessagesChannel Messages = Channel.Messages();

    [Fact]
    public async Task An_edit_is_made_as_the_node_that_ran_last_and_follows_its_edges()
    {
        var thread = await PausedAfterFirstAsync();
        var edited = await thread.UpdateAsync("""{"trail":"edited","unknown":1}""");
        (edited.Source, edited.RunId).ShouldBe((CheckpointSource.Update, null));
        var state = await thread.StateAsync();
        state.Json().ShouldBeJson("""{"messages":[],"trail":["first","edited"]}""");
        state.Next.ShouldBe(["second"]);
        (await thread.ContinueAsync()).Values.Get(Trail).ShouldBe(["first", "edited", "second"]);
    }

    [Fact]
    public async Task An_edit_as_another_node_goes_on_after_that_one()
    {
        var thread = await PausedAfterFirstAsync();
        await thread.UpdateAsync("""{"trail":"edited"}""", "second");
        (await thread.StateAsync()).HasNext.ShouldBeFalse();
    }

    [Fact]
    public async Task Several_updates_are_one_edit()
    {
        var thread = await PausedAfterFirstAsync();
        var step = (await thread.StateAsync()).Checkpoint.Step;
        var edited = await thread.UpdateAsync("""[{"trail":"a"},{"trail":"b","number":4}]""");
        edited.Step.ShouldBe(step + 1);
        edited.Values.Json().ShouldBeJson("""{"messages":[],"trail":["first","a","b"],"number":4}""");
    }

    [Fact]
    public async Task Null_without_a_node_is_a_new_checkpoint_of_the_same_state()
    {
        var thread = await PausedAfterFirstAsync();
        var before = await thread.StateAsync();
        var edited = await thread.UpdateAsync(null);
        edited.ParentId.ShouldBe(before.Checkpoint.Id);
        (edited.Source, edited.Step).ShouldBe((CheckpointSource.Update, before.Checkpoint.Step + 1));
        var after = await thread.StateAsync();
        after.Json().ShouldBe(before.Json());
        after.Next.ShouldBe(before.Next);
    }

    [Theory]
    [InlineData("""{"trail":"x"}""", "nobody", typeof(UnknownNodeException))]
    [InlineData("""{"trail":"x"}""", "__end__", typeof(UnknownNodeException))]
    [InlineData("""{"number":"three"}""", null, typeof(InvalidUpdateException))]
    [InlineData("""{"messages":[{"type":"wizard","content":""}]}""", null, typeof(MessageCoercionException))]
    [InlineData("""{"messages":[{"type":"remove","id":"zz"}]}""", null, typeof(InvalidUpdateException))]
    [InlineData("""[{"number":1},{"number":2}]""", null, typeof(InvalidUpdateException))]
    [InlineData("7", null, typeof(InvalidUpdateException))]
    public async Task An_edit_that_does_not_fit_is_refused_and_changes_nothing(string values, string? asNode, Type error)
    {
        var thread = await PausedAfterFirstAsync();
        var before = (await thread.StateAsync()).Checkpoint.Id;
        (await Record.ExceptionAsync(() => thread.UpdateAsync(values, asNode))).ShouldNotBeNull().ShouldBeOfType(error);
        (await thread.StateAsync()).Checkpoint.Id.ShouldBe(before);
    }

    [Fact]
    public async Task An_edit_of_a_past_checkpoint_forks_from_it_and_becomes_the_head()
    {
        var thread = await PausedAfterFirstAsync();
        var past = (await thread.StateAsync()).Checkpoint.Id;
        await thread.ContinueAsync();
        var edited = await thread.UpdateAsync("""{"trail":"other"}""", null, past);
        edited.ParentId.ShouldBe(past);
        (await thread.StateAsync()).Checkpoint.Id.ShouldBe(edited.Id);
        (await thread.ContinueAsync()).Values.Get(Trail).ShouldBe(["first", "other", "second"]);
        await Should.ThrowAsync<CheckpointNotFoundException>(() => thread.UpdateAsync("{}", null, "1ef00000-0000-6000-8000-000000000000"));
    }

    [Fact]
    public async Task An_edit_of_an_interrupted_node_as_that_node_takes_its_place()
    {
        var graph = new StateGraph().AddChannel(Trail)
            .AddNode("ask", context => new StateUpdate().Add(Trail, context.Interrupt("?").GetString()!)).AddNode("after", _ => new StateUpdate().Add(Trail, "after"))
            .AddEdge(StateGraph.Start, "ask").AddEdge("ask", "after").Compile();
        var thread = new ThreadUnderTest(graph);
        await thread.RunAsync();
        await thread.UpdateAsync("""{"trail":"decided"}""", "ask");
        (await thread.StateAsync()).Interrupts.ShouldBeEmpty();
        (await thread.ContinueAsync()).Values.Get(Trail).ShouldBe(["decided", "after"]);
    }

    [Fact]
    public async Task An_edit_of_the_head_counts_what_siblings_had_finished()
    {
        var graph = new StateGraph().AddChannel(Trail)
            .AddNode("ask", context => new StateUpdate().Add(Trail, context.Interrupt("?").GetString()!)).AddNode("plain", _ => new StateUpdate().Add(Trail, "plain")).AddNode("then", _ => new StateUpdate().Add(Trail, "then"))
            .AddEdge(StateGraph.Start, "ask").AddEdge(StateGraph.Start, "plain").AddEdge("plain", "then").Compile();
        var thread = new ThreadUnderTest(graph);
        await thread.RunAsync();
        (await thread.StateAsync()).Json().ShouldBeJson("""{"trail":[]}""");
        await thread.UpdateAsync("""{"trail":"decided"}""", "ask");
        (await thread.ContinueAsync()).Values.Get(Trail).ShouldBe(["plain", "decided", "then"]);
    }

    [Fact]
    public async Task A_fresh_thread_is_edited_too()
    {
        var thread = new ThreadUnderTest(Line());
        await thread.UpdateAsync("""{"messages":[["user","hi"]]}""", "first");
        (await thread.StateAsync()).Next.ShouldBe(["second"]);
        (await thread.ContinueAsync()).Values.Get(Trail).ShouldBe(["second"]);
    }

    private static CompiledGraph Line() => new StateGraph().AddChannels(Messages, Trail, Number)
        .AddNode("first", _ => new StateUpdate().Add(Trail, "first")).AddNode("second", _ => new StateUpdate().Add(Trail, "second"))
        .AddEdge(StateGraph.Start, "first").AddEdge("first", "second").Compile();

    private static async Task<ThreadUnderTest> PausedAfterFirstAsync()
    {
        var thread = new ThreadUnderTest(Line());
        var options = thread.Options;
        thread.Options = options with { InterruptAfter = NodeSelection.Of("first"), RunId = "run-1" };
        (await thread.RunAsync()).IsPaused.ShouldBeTrue();
        thread.Options = options;
        return thread;
    }
}
