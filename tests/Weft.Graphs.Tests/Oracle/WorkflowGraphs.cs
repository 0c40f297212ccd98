using System.Text.Json;
using System.Text.Json.Nodes;
using static Weft.Graphs.Tests.Oracle.OracleParts;

namespace Weft.Graphs.Tests.Oracle;

/// <summary>The functions of <c>tests/oracle/scenarios/workflows.mjs</c>.</summary>
internal static class WorkflowGraphs
{
    public static OracleGraph Build(string scenario) => scenario switch
    {
        "sequential" => Workflow.Create<JsonObject, JsonObject>("flow", async (input, flow, _) =>
        {
            var n = await DoAsync(flow, "add", () => input["n"]!.GetValue<int>() + 1);
            return new JsonObject { ["n"] = await DoAsync(flow, "double", () => n * 2) };
        }),
        "parallel" => Workflow.Create<int[], int[]>("flow", (numbers, flow, _) =>
            Task.WhenAll(numbers.Select(n => DoAsync(flow, "square", () => n * n)))),
        "no_task" => Workflow.Create<string, string>("flow", (name, _, _) => Task.FromResult($"hello {name}")),
        "previous" or "edited" => Workflow.Create<int, int>("flow", (n, flow, _) => Task.FromResult(n + flow.Previous<int>())),
        "final" => Workflow.Create<int, JsonElement>("flow", (n, flow, _) =>
        {
            var before = flow.Previous<JsonElement>();
            flow.Save(n);
            return Task.FromResult(before.ValueKind == JsonValueKind.Undefined ? JsonElement.Parse("\"nothing\"") : before);
        }),
        "interrupt_between_tasks" => InterruptBetweenSteps(),
        "interrupt_twice" => InterruptTwice(),
        "failing_task" => FailingStep(),
        "failing_after_task" => FailingAfterStep(),
        "task_failure_caught" => Workflow.Create<JsonElement, string>("flow", async (_, flow, _) =>
        {
            try
            {
                return await DoAsync<string>(flow, "bad", () => throw new InvalidOperationException("no luck"));
            }
            catch (InvalidOperationException error)
            {
                return $"caught {error.Message}";
            }
        }),
        "nested_tasks" => Workflow.Create<int, int>("flow", (n, flow, cancellationToken) => flow.StepAsync(
            "outer", async _ => await DoAsync(flow, "inner", () => n + 1) * 2, cancellationToken: cancellationToken)),
        "task_with_retry" => StepWithRetry(),
        "custom_writer" => Workflow.Create<JsonElement, string>("flow", (_, flow, _) =>
        {
            flow.Node.Write(JsonElement.Parse("""{"in":"flow"}"""));
            return DoAsync(flow, "talk", () =>
            {
                flow.Node.Write(JsonElement.Parse("""{"in":"task"}"""));
                return "t";
            });
        }),
        "calls_a_graph" => CallingAGraph(),
        "task_in_a_node" => StepInANode(),
        "store" => Workflow.Create<int, JsonElement>("flow", async (n, flow, cancellationToken) =>
        {
            var before = await flow.Node.Store.FindAsync(["counts"], "n", cancellationToken: cancellationToken);
            await flow.Node.Store.PutAsync(["counts"], "n", JsonElement.Parse($$"""{"n":{{n}}}"""), cancellationToken: cancellationToken);
            return before?.Value ?? JsonElement.Parse("{}");
        }),
        _ => throw new InvalidOperationException($"Build the function of '{scenario}' here, as workflows.mjs does."),
    };

    private static Task<T> DoAsync<T>(WorkflowContext flow, string name, Func<T> run, StepOptions? options = null) =>
        flow.StepAsync(name, _ => Task.FromResult(run()), options, cancellationToken: TestContext.Current.CancellationToken);

    private static CompiledGraph InterruptBetweenSteps()
    {
        var runs = 0;
        return Workflow.Create<string, string>("flow", async (topic, flow, _) =>
        {
            var text = await DoAsync(flow, "draft", () => $"{topic}, draft {++runs}");
            var answer = flow.Interrupt(new JsonObject { ["review"] = text });
            return await DoAsync(flow, "publish", () => $"{text}: {answer}");
        });
    }

    private static CompiledGraph InterruptTwice()
    {
        var runs = 0;
        return Workflow.Create<JsonElement, JsonArray>("flow", async (_, flow, _) =>
            [flow.Interrupt("one?").GetString(), await DoAsync(flow, "count", () => ++runs), flow.Interrupt("two?").GetString()]);
    }

    private static CompiledGraph FailingStep()
    {
        var (first, second) = (0, 0);
        return Workflow.Create<JsonElement, JsonArray>("flow", async (_, flow, _) =>
        [
            await DoAsync(flow, "one", () => ++first),
            await DoAsync(flow, "two", () => ++second == 1 ? throw new InvalidOperationException("no luck") : $"two {second}"),
        ]);
    }

    private static CompiledGraph FailingAfterStep()
    {
        var (runs, tries) = (0, 0);
        return Workflow.Create<JsonElement, int>("flow", async (_, flow, _) =>
        {
            var result = await DoAsync(flow, "one", () => ++runs);
            return ++tries == 1 ? throw new InvalidOperationException("no luck") : result;
        });
    }

    private static CompiledGraph StepWithRetry()
    {
        var tries = 0;
        var retry = new RetryPolicy { InitialInterval = TimeSpan.FromMilliseconds(1), Jitter = false, RetryOn = _ => true };
        return Workflow.Create<JsonElement, int>("flow", (_, flow, _) => DoAsync(
            flow, "shaky", () => ++tries == 1 ? throw new InvalidOperationException("again") : tries, new StepOptions { Retry = retry }));
    }

    private static CompiledGraph CallingAGraph()
    {
        var sub = Line("one", "two").Compile();
        return Workflow.Create<JsonElement, IReadOnlyList<string>>("flow", async (_, flow, cancellationToken) =>
            [.. (await flow.Node.RunAsync(sub, StateUpdate.None, cancellationToken)).Get(Trail)!]);
    }

    private static CompiledGraph StepInANode()
    {
        var runs = 0;
        return State().AddNode("node", async (context, cancellationToken) =>
        {
            var count = await context.StepAsync("count", _ => Task.FromResult(++runs), cancellationToken: cancellationToken);
            return new StateUpdate().Add(Trail, [$"{count}", context.Interrupt("sure?").GetString()!]);
        }).Chain("node").Compile();
    }
}
