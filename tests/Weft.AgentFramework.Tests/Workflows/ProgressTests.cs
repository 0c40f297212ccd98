using Microsoft.Agents.AI.Workflows;
using Microsoft.Extensions.DependencyInjection;
using Workflow = Microsoft.Agents.AI.Workflows.Workflow;

namespace Weft.AgentFramework.Tests.Workflows;

/// <summary>A workflow of two steps, the second of which stops the run.</summary>
public sealed class ProgressTests : IDisposable
{
    private const string Input = """{"assistant_id":"steps","input":{"input":"wool"}}""";

    private readonly TempFolder _folder = new();
    private int _first;
    private bool _isBroken;
    private Gate? _gate;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_run_that_failed_repeats_only_its_last_superstep_also_after_a_restart()
    {
        _isBroken = true;
        string thread;
        await using (var server = await StartAsync())
        {
            thread = await server.Root.NewThreadAsync();
            (await server.Root.PostAsync($"/threads/{thread}/runs/wait", Input)).ShouldBeOk().Json.Error().ShouldBe("Broken.");
        }

        _isBroken = false;
        await using var restarted = await StartAsync();
        await ContinueAsync(restarted, thread);
    }

    [Fact]
    public async Task A_run_that_was_cancelled_repeats_only_its_last_superstep()
    {
        _gate = new Gate("second");
        await using var server = await StartAsync();
        var thread = await server.Root.NewThreadAsync();
        var run = await server.Root.PostAsync($"/threads/{thread}/runs", Input);
        await _gate.EnteredAsync();
        (await server.Root.PostAsync($"{run.RunPath}/cancel?wait=true")).Status.ShouldBeInRange(200, 204);

        _gate = null;
        await ContinueAsync(server, thread);
    }

    [Fact]
    public async Task A_new_input_starts_again()
    {
        _isBroken = true;
        await using var server = await StartAsync();
        var thread = await server.Root.NewThreadAsync();
        (await server.Root.PostAsync($"/threads/{thread}/runs/wait", Input)).ShouldBeOk().Json.Error().ShouldBe("Broken.");

        _isBroken = false;
        (await server.Root.PostAsync($"/threads/{thread}/runs/wait", Input)).ShouldBeOk().Json.GetProperty("outputs").Strings().ShouldBe(["wool!?"]);
        _first.ShouldBe(2);
    }

    private async Task ContinueAsync(AgentServer server, string thread)
    {
        var done = (await server.Root.PostAsync($"/threads/{thread}/runs/wait", """{"assistant_id":"steps","input":null}""")).ShouldBeOk().Json;
        done.GetProperty("outputs").Strings().ShouldBe(["wool!?"]);
        _first.ShouldBe(1);
    }

    private Workflow Build()
    {
        var first = ((Func<string, string>)(text =>
        {
            _first++;
            return text + "!";
        })).BindAsExecutor("first");
        var second = ((Func<string, CancellationToken, ValueTask<string>>)(async (text, cancellationToken) =>
        {
            await (_gate?.PassAsync(cancellationToken) ?? Task.CompletedTask);
            return _isBroken ? throw new InvalidOperationException("Broken.") : text + "?";
        })).BindAsExecutor("second");
        return new WorkflowBuilder(first).AddEdge(first, second).WithOutputFrom(second).Build();
    }

    private Task<AgentServer> StartAsync() => AgentServer.StartAsync(_folder, weft => weft.AddAIWorkflow<string>("steps", _ => Build()));
}
