using static Weft.Graphs.Tests.TestGraphs;

namespace Weft.Graphs.Tests.Execution;

/// <summary>A run that leaves its server between two supersteps.</summary>
public sealed class LeaveTests
{
    [Fact]
    public async Task A_run_leaves_after_the_superstep_it_executes_and_runs_no_node_twice()
    {
        var ran = new List<string>();
        var leaves = false;
        NodeResult Note(string name)
        {
            ran.Add(name);
            leaves = true;
            return (StateUpdate?)null;
        }

        var graph = New().AddNode("a", _ => Note("a")).AddNode("b", _ => Note("b")).Chain("a", "b").Compile();
        var thread = new ThreadUnderTest(graph);
        thread.Options = thread.Options with { Leaves = () => leaves };
        await Should.ThrowAsync<GraphMovedException>(() => thread.RunAsync());
        ran.ShouldBe(["a"]);

        leaves = false;
        await thread.ContinueAsync();
        ran.ShouldBe(["a", "b"]);
    }

    [Fact]
    public async Task A_run_at_its_end_does_not_leave()
    {
        var leaves = false;
        NodeResult Run(NodeContext context)
        {
            leaves = true;
            return (StateUpdate?)null;
        }

        var thread = new ThreadUnderTest(New().AddNode("a", Run).Chain("a").Compile());
        thread.Options = thread.Options with { Leaves = () => leaves };
        await thread.RunAsync();
        leaves.ShouldBeTrue();
    }

    [Fact]
    public async Task A_run_that_keeps_only_its_last_superstep_does_not_leave()
    {
        var thread = new ThreadUnderTest(New("a", "b").Chain("a", "b").Compile());
        thread.Options = thread.Options with { Leaves = () => true, Durability = Durability.Exit };
        await thread.RunAsync();
    }
}
