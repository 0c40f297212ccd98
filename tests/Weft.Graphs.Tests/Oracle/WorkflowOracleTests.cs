namespace Weft.Graphs.Tests.Oracle;

/// <summary>Methods with durable steps.</summary>
public sealed class WorkflowOracleTests
{
    private static readonly Dictionary<string, string> Departures = new()
    {
        ["custom_writer"] = "A step is no graph: what it writes comes from the workflow. JS names its task as namespace.",
        ["interrupt_in_parallel_tasks"] = "A step does not interrupt.",
        ["interrupt_in_task"] = "As interrupt_in_parallel_tasks.",
        ["task_cached"] = "A step is not cached.",
        ["task_failure_caught"] = "A workflow may catch what its step threw; in JS the run fails all the same.",
    };

    public static TheoryData<string> Scenarios => Traces.Of("workflows");

    [Theory]
    [MemberData(nameof(Scenarios))]
    public Task Weft_does_what_the_js_library_did(string scenario) =>
        Traces.CompareAsync("workflows", scenario, WorkflowGraphs.Build, Departures);
}
