using System.Net;
using System.Text.Json;
using Microsoft.Agents.AI.Workflows;
using Microsoft.Extensions.DependencyInjection;
using Weft.Graphs;
using Workflow = Microsoft.Agents.AI.Workflows.Workflow;

namespace Weft.AgentFramework.Tests.Workflows;

public sealed class PortTests : IDisposable
{
    private const string Input = """{"assistant_id":"orders","input":{"input":{"item":"wool","amount":3}}}""";

    private readonly TempFolder _folder = new();
    private readonly Orders _orders = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_request_to_a_port_is_answered_after_a_restart()
    {
        string thread;
        await using (var server = await StartAsync())
        {
            thread = await server.Root.NewThreadAsync();
            var paused = (await server.Root.PostAsync($"/threads/{thread}/runs/wait", Input)).ShouldBeOk().Json;
            paused.Question().ShouldBeJson("""{"port":"accept","request":{"item":"wool","price":30}}""");
        }

        await using var restarted = await StartAsync();
        var done = await restarted.AnswerAsync(thread, "orders", """{"isApproved":true,"note":"Thanks."}""");

        done.GetProperty("outputs").Strings().ShouldBe(["Sent. Thanks."]);
        (_orders.Quoted, _orders.Sent).ShouldBe((1, 1));
        (await restarted.StateAsync(thread)).GetProperty("next").GetArrayLength().ShouldBe(0);
    }

    [Theory]
    [InlineData("\"yes\"")]
    [InlineData("""{"isApproved":"perhaps"}""")]
    public async Task An_answer_of_another_type_is_asked_for_again_with_the_reason(string answer)
    {
        await using var server = await StartAsync();
        var thread = await server.Root.NewThreadAsync();
        (await server.Root.PostAsync($"/threads/{thread}/runs/wait", Input)).ShouldBeOk();

        var again = (await server.AnswerAsync(thread, "orders", answer)).Question();

        again.Text("port").ShouldBe("accept");
        again.Text("problem").ShouldNotBeEmpty();
        _orders.Sent.ShouldBe(0);
        (await server.AnswerAsync(thread, "orders", """{"isApproved":false}""")).GetProperty("outputs").Strings().ShouldBe(["Not sent."]);
        _orders.Quoted.ShouldBe(1);
    }

    [Fact]
    public async Task A_fork_of_the_question_gets_another_answer()
    {
        await using var server = await StartAsync();
        var thread = await server.Root.NewThreadAsync();
        (await server.Root.PostAsync($"/threads/{thread}/runs/wait", Input)).ShouldBeOk();
        var asked = (await server.StateAsync(thread)).CheckpointId();
        await server.AnswerAsync(thread, "orders", """{"isApproved":true}""");

        var other = (await server.Root.PostAsync(
            $"/threads/{thread}/runs/wait",
            $$"""{"assistant_id":"orders","command":{"resume":{"isApproved":false} },"checkpoint_id":"{{asked}}"}""")).ShouldBeOk().Json;

        other.GetProperty("outputs").Strings().ShouldBe(["Not sent."]);
        _orders.Quoted.ShouldBe(1);
    }

    [Fact]
    public async Task A_failure_is_the_error_of_the_run_and_the_run_continues_where_it_failed()
    {
        await using var server = await StartAsync();
        var thread = await server.Root.NewThreadAsync();
        (await server.Root.PostAsync($"/threads/{thread}/runs/wait", Input)).ShouldBeOk();
        _orders.IsBroken = true;
        (await server.AnswerAsync(thread, "orders", """{"isApproved":true}""")).Error().ShouldBe("The van broke down.");

        _orders.IsBroken = false;
        var done = (await server.Root.PostAsync($"/threads/{thread}/runs/wait", """{"assistant_id":"orders","input":null}""")).ShouldBeOk().Json;

        done.GetProperty("outputs").Strings().ShouldBe(["Sent."]);
        (_orders.Quoted, _orders.Sent).ShouldBe((1, 1));
    }

    [Fact]
    public async Task A_thread_runs_the_workflow_again_for_another_input()
    {
        await using var server = await StartAsync();
        var thread = await server.Root.NewThreadAsync();
        foreach (var approved in (string[])["true", "false"])
        {
            (await server.Root.PostAsync($"/threads/{thread}/runs/wait", Input)).ShouldBeOk().Json.IsPaused().ShouldBeTrue();
            await server.AnswerAsync(thread, "orders", $$"""{"isApproved":{{approved}} }""");
        }

        (await server.StateAsync(thread)).GetProperty("values").GetProperty("outputs").Strings().ShouldBe(["Sent.", "Not sent."]);
    }

    [Fact]
    public async Task A_run_is_cancelled_in_the_middle_and_the_thread_stays_usable()
    {
        _orders.Gate = new Gate("send");
        await using var server = await StartAsync();
        var thread = await server.Root.NewThreadAsync();
        (await server.Root.PostAsync($"/threads/{thread}/runs/wait", Input)).ShouldBeOk();
        var run = await server.Root.PostAsync(
            $"/threads/{thread}/runs", """{"assistant_id":"orders","command":{"resume":{"isApproved":true}}}""");
        await _orders.Gate.EnteredAsync();
        (await server.Root.PostAsync($"{run.RunPath}/cancel?wait=true")).Status.ShouldBeInRange(200, 204);
        await _orders.Gate.CancelledAsync();

        _orders.Gate = null;
        (await server.Root.PostAsync($"/threads/{thread}/runs/wait", """{"assistant_id":"orders","input":null}""")).ShouldBeOk()
            .Json.GetProperty("outputs").Strings().ShouldBe(["Sent."]);
        (_orders.Quoted, _orders.Sent).ShouldBe((1, 1));
    }

    [Fact]
    public async Task A_changed_workflow_cannot_continue_until_its_state_is_removed()
    {
        string thread;
        await using (var server = await StartAsync())
        {
            thread = await server.Root.NewThreadAsync();
            (await server.Root.PostAsync($"/threads/{thread}/runs/wait", Input)).ShouldBeOk();
        }

        _orders.HasFurtherStep = true;
        await using var changed = await StartAsync();
        (await changed.AnswerAsync(thread, "orders", """{"isApproved":true}""")).Error().ShouldContain("Set the channel 'workflow' to null");

        (await changed.Root.PostAsync($"/threads/{thread}/state", """{"values":{"workflow":null}}""")).ShouldBeOk();
        (await changed.Root.PostAsync($"/threads/{thread}/runs/wait", Input)).ShouldBeOk().Json.IsPaused().ShouldBeTrue();
    }

    [Fact]
    public async Task A_state_of_another_form_is_refused_with_the_name_of_the_channel()
    {
        await using var server = await StartAsync();
        var thread = await server.Root.NewThreadAsync();
        (await server.Root.PostAsync($"/threads/{thread}/runs/wait", Input)).ShouldBeOk();

        (await server.Root.PostAsync($"/threads/{thread}/state", """{"values":{"workflow":7}}"""))
            .ShouldBe(HttpStatusCode.UnprocessableEntity).Detail.ShouldContain("'workflow'");
    }

    [Theory]
    [InlineData("""{"input":{"item":"wool","amount":"many"}}""", "'input'")]
    [InlineData("""{}""", "'input'")]
    public async Task A_wrong_input_fails_the_run_with_the_name_of_the_field(string input, string name)
    {
        await using var server = await StartAsync();
        var answer = await server.Root.PostAsync("/runs/wait", $$"""{"assistant_id":"orders","input":{{input}} }""");

        answer.Status.ShouldBeLessThan(500);
        answer.Text.ShouldContain(name);
    }

    [Fact]
    public async Task What_executors_do_is_streamed_as_custom_events()
    {
        await using var server = await StartAsync();
        var thread = await server.Root.NewThreadAsync();
        using var stream = await server.Root.StreamAsync(
            $"/threads/{thread}/runs/stream", Input[..^1] + ""","stream_mode":"custom"}""");
        var events = (await stream.ToEndAsync()).Where(frame => frame.Event == "custom").Select(frame => frame.Json).ToList();

        events.Select(one => one.Text("event")).ShouldBe(
            ["executor_invoked", "PricedEvent", "executor_completed", "executor_invoked", "executor_completed"], ignoreOrder: true);
        events.Single(one => one.Text("event") == "PricedEvent").GetProperty("data").GetInt32().ShouldBe(30);
    }

    [Fact]
    public async Task Several_requests_are_asked_at_once_and_answered_by_their_ids()
    {
        await using var server = await AgentServer.StartAsync(_folder, weft => weft.AddAIWorkflow<string>("poll", _ => Poll()));
        var thread = await server.Root.NewThreadAsync();
        var paused = (await server.Root.PostAsync(
            $"/threads/{thread}/runs/wait", """{"assistant_id":"poll","input":{"input":"Tea?"}}""")).ShouldBeOk().Json;
        var questions = paused.GetProperty("__interrupt__").EnumerateArray().ToDictionary(
            one => one.GetProperty("value").Text("port"), one => one.Text("id"));

        var half = await server.AnswerAsync(thread, "poll", $$"""{"{{questions["ann"]}}":"yes"}""");
        half.GetProperty("__interrupt__").EnumerateArray().Single().GetProperty("value").Text("port").ShouldBe("bob");
        var done = await server.AnswerAsync(thread, "poll", $$"""{"{{questions["bob"]}}":"no"}""");

        done.GetProperty("outputs").Strings().ShouldBe(["yes", "no"], ignoreOrder: true);
    }

    [Fact]
    public async Task A_port_that_passes_requests_of_an_inner_workflow_on_is_asked()
    {
        await using var server = await AgentServer.StartAsync(_folder, weft => weft.AddAIWorkflow<string>("outer", _ => Outer()));
        var thread = await server.Root.NewThreadAsync();
        (await server.Root.PostAsync($"/threads/{thread}/runs/wait", """{"assistant_id":"outer","input":{"input":"x"}}""")).ShouldBeOk()
            .Json.Question().ShouldBeJson("""{"port":"pass","request":"x"}""");

        (await server.AnswerAsync(thread, "outer", "\"fine\"")).GetProperty("outputs").Strings().ShouldBe(["fine"]);
    }

    [Fact]
    public async Task A_workflow_is_a_node_of_a_graph()
    {
        var outputs = Channel.List<JsonElement>("outputs");
        var order = Channel.LastValue<JsonElement>("input");
        var graph = new StateGraph()
            .AddChannels(order, outputs)
            .AddNode("prepare", _ => new StateUpdate().Set(order, JsonElement.Parse("""{"item":"silk","amount":2}""")))
            .AddNode("orders", AIWorkflowGraph.Create<Order>(_orders.Build))
            .AddEdge(StateGraph.Start, "prepare")
            .AddEdge("prepare", "orders")
            .Compile();
        var options = new GraphRunOptions { Checkpointer = new InMemoryCheckpointer() };

        var paused = await graph.RunAsync(StateUpdate.None, options, TestContext.Current.CancellationToken).Within("the question");
        paused.Interrupts.ShouldHaveSingleItem().Value.GetProperty("request").ShouldBeJson("""{"item":"silk","price":20}""");
        var answer = new Command { Resume = JsonElement.Parse("""{"isApproved":true}""") };
        var done = await graph.RunAsync(answer, options, TestContext.Current.CancellationToken).Within("the end");

        done.Values.Get(outputs).ShouldHaveSingleItem().GetString().ShouldBe("Sent.");
    }

    private static Workflow Poll()
    {
        var start = ((Func<string, string>)(text => text)).BindAsExecutor("start");
        var ann = RequestPort.Create<string, string>("ann").BindAsExecutor();
        var bob = RequestPort.Create<string, string>("bob").BindAsExecutor();
        var end = ((Func<string, string>)(text => text)).BindAsExecutor("end");
        return new WorkflowBuilder(start).AddFanOutEdge(start, [ann, bob]).AddEdge(ann, end).AddEdge(bob, end).WithOutputFrom(end).Build();
    }

    private static Workflow Outer()
    {
        var inner = RequestPort.Create<string, string>("ask").BindAsExecutor();
        var answer = ((Func<string, string>)(text => text)).BindAsExecutor("answer");
        var start = ((Func<string, string>)(text => text)).BindAsExecutor("start");
        var inside = new WorkflowBuilder(start).AddEdge(start, inner).AddEdge(inner, answer).WithOutputFrom(answer).Build();
        var first = ((Func<string, string>)(text => text)).BindAsExecutor("first");
        var host = inside.BindAsExecutor("inner");
        var last = ((Func<string, string>)(text => text)).BindAsExecutor("last");
        var pass = RequestPort.Create<string, string>("pass").BindAsExecutor(allowWrappedRequests: true);
        return new WorkflowBuilder(first)
            .AddEdge(first, host)
            .ForwardMessage<ExternalRequest>(host, pass)
            .ForwardMessage<ExternalResponse>(pass, host)
            .ForwardExcept<ExternalRequest>(host, last)
            .WithOutputFrom(last)
            .Build();
    }

    private Task<AgentServer> StartAsync() =>
        AgentServer.StartAsync(_folder, weft => weft.AddAIWorkflow<Order>("orders", _ => _orders.Build()));
}
