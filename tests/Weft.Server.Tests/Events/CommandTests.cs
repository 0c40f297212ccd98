using System.Net;
using System.Text.Json;
using static Weft.Server.Tests.EventCalls;

namespace Weft.Server.Tests.Events;

public sealed class CommandTests(SharedServer shared) : ServerTests(shared)
{
    private const string Hello = """{"messages":[{"role":"user","content":"hello","id":"m"}]}""";

    [Fact]
    public async Task A_run_is_started_on_a_thread_that_it_creates()
    {
        foreach (var api in (Api[])[Root, Gateway])
        {
            var thread = NewThread();

            var answer = await api.CommandAsync(
                thread,
                "run.start",
                """{"assistant_id":"echo","input":""" + Hello + ""","metadata":{"a":1},"config":{"configurable":{"thread_id":"x"}}}""",
                id: 7);

            var run = answer.GetProperty("result").Text("run_id");
            answer.ShouldBeJson(
                $$$"""{"type":"success","id":7,"result":{"run_id":"{{{run}}}"},"meta":{"thread_id":"{{{thread}}}","applied_through_seq":0}}""");
            (await api.ReplayAsync(thread))[^1].Data().Text("event").ShouldBe("completed");
            (await Root.GetAsync($"/threads/{thread}/state")).ShouldBeOk().Json.GetProperty("values").Texts().ShouldBe(["hello", "echo: hello"]);
            var shown = (await Root.GetAsync($"/threads/{thread}/runs/{run}")).ShouldBeOk().Json;
            shown.GetProperty("metadata").GetProperty("a").GetInt32().ShouldBe(1);
            shown.Text("multitask_strategy").ShouldBe("enqueue");
        }
    }

    [Fact]
    public async Task The_number_of_the_last_event_before_the_command_is_told()
    {
        var thread = NewThread();
        await Root.StartAsync(thread, "echo", Hello);
        var first = await Root.ReplayAsync(thread);

        var answer = await Root.CommandAsync(thread, "run.start", $$"""{"assistant_id":"echo","input":{{Hello}}}""");

        var seq = answer.GetProperty("meta").GetProperty("applied_through_seq").GetInt64();
        seq.ShouldBe(first[^1].Seq());
        var second = await Root.ReplayAsync(thread, $$"""{"channels":["lifecycle"],"since":{{seq}}}""");
        second[0].Id.ShouldBe($"synth:{answer.GetProperty("result").Text("run_id")}:running");
        second[0].Seq().ShouldBeGreaterThan(seq);
    }

    [Theory]
    [InlineData("multitask_strategy")]
    [InlineData("multitaskStrategy")]
    public async Task The_strategy_has_either_name(string member)
    {
        var thread = NewThread();
        var gate = Gates.New();
        await Root.StartAsync(thread, "gated", $$"""{"gate":"{{gate.Name}}","messages":[]}""");
        await gate.EnteredAsync();

        var (code, message) = await Root.RefusedAsync(thread, "run.start", $$"""{"assistant_id":"echo","input":{},"{{member}}":"reject"}""");

        code.ShouldBe("invalid_argument");
        message.ShouldStartWith($"params.{member}: Thread {thread}");
        gate.Open();
    }

    [Fact]
    public async Task An_input_for_a_thread_that_waits_is_the_answer_and_null_continues()
    {
        var thread = NewThread();
        await Root.StartAsync(thread, "asking", """{"messages":[]}""");
        (await Root.ReplayAsync(thread))[^1].Data().Text("event").ShouldBe("interrupted");

        await Root.StartAsync(thread, "asking", "\"the blue one\"");

        var events = await SecondRunAsync(thread);
        events[^1].Data().Text("event").ShouldBe("completed");
        (await Root.GetAsync($"/threads/{thread}/state")).Json.GetProperty("values").Texts().ShouldBe(["you chose the blue one"]);
    }

    [Fact]
    public async Task A_command_in_the_place_of_the_input_is_a_command()
    {
        var thread = NewThread();
        await Root.StartAsync(thread, "asking", """{"messages":[]}""");
        (await Root.ReplayAsync(thread))[^1].Data().Text("event").ShouldBe("interrupted");

        await Root.StartAsync(thread, "asking", """{"lg_name":"Command","resume":"the blue one"}""");

        (await SecondRunAsync(thread))[^1].Data().Text("event").ShouldBe("completed");
        (await Root.GetAsync($"/threads/{thread}/state")).Json.GetProperty("values").Texts().ShouldBe(["you chose the blue one"]);

        var (code, message) = await Root.RefusedAsync(
            thread, "run.start", """{"assistant_id":"asking","input":{"lg_name":"Command","goto":5}}""");
        code.ShouldBe("invalid_argument");
        message.ShouldContain("goto");
    }

    [Fact]
    public async Task A_run_starts_from_a_past_checkpoint()
    {
        var thread = NewThread();
        await Root.StartAsync(thread, "echo", Hello);
        var first = await Root.ReplayAsync(thread);
        var checkpoint = first.First(frame => frame.Event == "checkpoints").Data().Text("id");
        var fork = ",\"config\":{\"configurable\":{\"checkpoint_id\":\"" + checkpoint + "\"}}";

        await Root.StartAsync(thread, "echo", """{"messages":[{"role":"user","content":"other","id":"m"}]}""", fork);

        await SecondRunAsync(thread);
        (await Root.GetAsync($"/threads/{thread}/state")).Json.GetProperty("values").Texts().ShouldBe(["other", "echo: other"]);
    }

    [Fact]
    public async Task One_interrupt_is_answered_once()
    {
        var thread = NewThread();
        await Root.StartAsync(thread, "asking", """{"messages":[]}""");
        var asked = (await Root.ReplayAsync(thread)).Single(frame => frame.Event == "input.requested");
        var id = asked.Data().Text("interrupt_id");
        asked.Data().ShouldBeJson($$"""{"interrupt_id":"{{id}}","payload":"which one?","value":"which one?"}""");
        var response = $$"""{"namespace":[],"interrupt_id":"{{id}}","response":"red"}""";

        (await Root.SucceedAsync(thread, "input.respond", response)).ShouldBeJson("{}");

        var events = await SecondRunAsync(thread);
        events[0].Data().Text("event").ShouldBe("running");
        events[1].Event.ShouldBe("input.answered");
        events[1].Data().ShouldBeJson($$"""{"interrupt_ids":["{{id}}"]}""");
        events[^1].Data().Text("event").ShouldBe("completed");
        (await Root.RefusedAsync(thread, "input.respond", response)).Code.ShouldBe("invalid_argument");
    }

    [Fact]
    public async Task Several_interrupts_are_answered_in_one_run_or_one_after_the_other()
    {
        var thread = NewThread();
        await Root.StartAsync(thread, "both");
        var asked = (await Root.ReplayAsync(thread)).Where(frame => frame.Event == "input.requested")
            .ToDictionary(frame => frame.Data().Text("payload"), frame => frame.Data().Text("interrupt_id"));
        var both = string.Join(',', asked.Select(one => $$"""{"namespace":[],"interrupt_id":"{{one.Value}}","response":"yes"}"""));

        await Root.SucceedAsync(thread, "input.respond", $$"""{"responses":[{{both}}]}""");
        await SecondRunAsync(thread);
        (await AnswersAsync(thread)).ShouldBe(["left yes", "right yes"]);

        thread = NewThread();
        await Root.StartAsync(thread, "both");
        (await Root.ReplayAsync(thread))[^1].Data().Text("event").ShouldBe("interrupted");
        await Root.SucceedAsync(thread, "input.respond", Respond(await IdAsync("left?")));
        var second = await SecondRunAsync(thread);
        second[^1].Data().Text("event").ShouldBe("interrupted");
        second.Single(frame => frame.Event == "input.requested").Data().Text("payload").ShouldBe("right?");
        (await Root.RefusedAsync(thread, "input.respond", Respond(new string('a', 32)))).Code.ShouldBe("no_such_interrupt");
        await Root.SucceedAsync(thread, "input.respond", Respond(await IdAsync("right?")));
        await Waiting.Until(async () => (await AnswersAsync(thread)).Length == 2, "both answers");

        async Task<string> IdAsync(string payload)
        {
            var state = (await Root.GetAsync($"/threads/{thread}/state")).Json;
            return state.GetProperty("interrupts").EnumerateArray().Single(interrupt => interrupt.Text("value") == payload).Text("id");
        }
    }

    [Fact]
    public async Task An_interrupt_inside_a_subgraph_names_the_graph_that_asked()
    {
        var thread = NewThread();
        await Root.StartAsync(thread, "outer");
        var events = await Root.ReplayAsync(thread);
        var asked = events.Single(frame => frame.Event == "input.requested");
        asked.Namespace().Single().ShouldStartWith("sub:");

        var place = JsonSerializer.Serialize(asked.Namespace());
        await Root.SucceedAsync(
            thread, "input.respond", $$"""{"namespace":{{place}},"interrupt_id":"{{asked.Data().Text("interrupt_id")}}","response":"fine"}""");

        (await SecondRunAsync(thread))[^1].Data().Text("event").ShouldBe("completed");
    }

    [Fact]
    public async Task A_strict_answer_to_what_nobody_asks_fails_the_run_and_says_so()
    {
        var thread = NewThread();
        await Root.StartAsync(thread, "asking", """{"messages":[]}""");
        var asked = (await Root.ReplayAsync(thread)).Single(frame => frame.Event == "input.requested").Data().Text("interrupt_id");
        var unknown = new string('b', 32);

        await Root.SucceedAsync(thread, "input.respond", $$"""{"interrupt_id":"{{unknown}}","response":1,"strict_resume":true}""");

        var end = (await SecondRunAsync(thread))[^1].Data();
        end.Text("event").ShouldBe("failed");
        end.Text("reason").ShouldBe("unknown_interrupt");
        end.GetProperty("interrupt_ids").Strings().ShouldBe([unknown]);
        end.GetProperty("pending_ids").Strings().ShouldBe([asked]);
        (await Root.GetAsync($"/threads/{thread}/state")).Json.GetProperty("interrupts").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task A_wrong_member_of_an_answer_is_named_and_the_question_stays()
    {
        foreach (var api in (Api[])[Root, Gateway])
        {
            var thread = NewThread();
            await api.StartAsync(thread, "asking", """{"messages":[]}""");
            var id = (await api.ReplayAsync(thread)).Single(frame => frame.Event == "input.requested").Data().Text("interrupt_id");
            foreach (var (wrong, message) in ((string, string)[])
                [
                    ("\"goto\":\"nowhere\"", "params.goto: The graph has no node 'nowhere'; there are ask, confirm."),
                    ("\"goto\":5", "params.goto: It must be the name of a node, an object with 'node' and 'input', or a list of these."),
                    ("\"update\":5", "params.update: "),
                    ("\"update\":{\"answer\":{}}", "params.update: "),
                ])
            {
                var refused = await api.RefusedAsync(thread, "input.respond", $$"""{"interrupt_id":"{{id}}","response":"red",{{wrong}}}""");

                refused.Code.ShouldBe("invalid_argument");
                refused.Message.ShouldStartWith(message);
            }

            var injected = await api.RefusedAsync(thread, "input.inject", """{"message":{"role":"user","content":"x"}}""");
            injected.ShouldBe(("invalid_argument", "The thread waits for answers. Send input.respond, or run.start with the answer."));
            await api.SucceedAsync(thread, "input.respond", $$"""{"interrupt_id":"{{id}}","response":"red","update":{"messages":[]},"goto":[]}""");
            (await SecondRunAsync(thread))[^1].Data().Text("event").ShouldBe("completed");
        }
    }

    [Fact]
    public async Task A_member_that_the_client_did_not_send_is_not_named()
    {
        var assistant = (await Root.PostAsync("/assistants", """{"graph_id":"asking"}""")).ShouldBeOk().String("assistant_id");
        var thread = NewThread();
        await Root.StartAsync(thread, assistant, """{"messages":[]}""");
        var id = (await Root.ReplayAsync(thread)).Single(frame => frame.Event == "input.requested").Data().Text("interrupt_id");
        (await Root.DeleteAsync($"/assistants/{assistant}")).Status.ShouldBeLessThan(300);

        var (code, message) = await Root.RefusedAsync(thread, "input.respond", Respond(id));

        code.ShouldBe("invalid_argument");
        message.ShouldNotContain("params");
        message.ShouldContain(assistant);
    }

    [Fact]
    public async Task A_message_is_added_by_a_run_of_the_last_assistant_after_the_one_that_executes()
    {
        var thread = NewThread();
        var gate = Gates.New();
        await Root.StartAsync(thread, "gated", $$"""{"gate":"{{gate.Name}}","messages":[]}""");
        await gate.EnteredAsync();

        (await Root.SucceedAsync(thread, "input.inject", """{"namespace":[],"message":{"role":"user","content":"stop it","name":"ann"}}""")).ShouldBeJson("{}");

        gate.Open();
        await Waiting.Until(
            async () => (await Root.GetAsync($"/threads/{thread}/state")).Json.GetProperty("values").Texts() is [.., "stop it", "begun", "one two"],
            "the message and its answer");
    }

    [Fact]
    public async Task The_state_is_read_whole_and_in_part()
    {
        var thread = await Root.NewThreadAsync();
        (await Root.SucceedAsync(thread, "state.get", """{"namespace":[]}""")).ShouldBeJson("""{"values":{}}""");
        await Root.StartAsync(thread, "nested", """{"messages":[],"answer":"none"}""");
        var asked = (await Root.ReplayAsync(thread)).Single(frame => frame.Event == "input.requested");

        var whole = await Root.SucceedAsync(thread, "state.get", """{"namespace":[]}""");
        whole.GetProperty("checkpoint").Text("id").ShouldBe((await Root.GetAsync($"/threads/{thread}/state")).Json.CheckpointId());
        whole.GetProperty("checkpoint").Text("ns").ShouldBeEmpty();
        var part = await Root.SucceedAsync(thread, "state.get", """{"namespace":[],"keys":["visits"]}""");
        part.GetProperty("values").ShouldBeJson("""{"visits":["visit"]}""");
        var inside = await Root.SucceedAsync(thread, "state.get", $$"""{"namespace":{{JsonSerializer.Serialize(asked.Namespace())}}}""");
        inside.GetProperty("checkpoint").Text("ns").ShouldBe(asked.Namespace()[0]);
        (await Root.RefusedAsync(thread, "state.get", """{"namespace":["nobody:1"]}""")).Code.ShouldBe("no_such_namespace");
    }

    [Fact]
    public async Task Checkpoints_are_listed_newest_first()
    {
        var thread = NewThread();
        await Root.StartAsync(thread, "echo", Hello);
        await Root.ReplayAsync(thread);

        var all = (await Root.SucceedAsync(thread, "state.listCheckpoints")).GetProperty("checkpoints").EnumerateArray().ToList();
        all.Select(checkpoint => checkpoint.GetProperty("step").GetInt32()).ShouldBe([1, 0, -1]);
        all[0].Text("node_name").ShouldBe("answer");
        DateTimeOffset.TryParse(all[0].Text("timestamp"), out _).ShouldBeTrue();
        all[0].GetProperty("metadata").Text("source").ShouldBe("loop");
        var page = await Root.SucceedAsync(thread, "state.listCheckpoints", $$"""{"limit":1,"before":"{{all[0].Text("id")}}"}""");
        page.GetProperty("checkpoints").EnumerateArray().Single().Text("id").ShouldBe(all[1].Text("id"));
    }

    [Fact]
    public async Task A_fork_runs_from_a_checkpoint()
    {
        var thread = NewThread();
        await Root.StartAsync(thread, "echo", Hello);
        var first = await Root.ReplayAsync(thread);
        var checkpoint = first.First(frame => frame.Event == "checkpoints").Data().Text("id");

        var forked = await Root.SucceedAsync(thread, "state.fork", $$"""{"checkpoint_id":"{{checkpoint}}"}""");

        forked.Text("thread_id").ShouldBe(thread);
        var second = await SecondRunAsync(thread);
        second[0].Id.ShouldBe($"synth:{forked.Text("run_id")}:running");
        second[^1].Data().Text("event").ShouldBe("completed");
        (await Root.RefusedAsync(thread, "state.fork", $$"""{"checkpoint_id":"{{NewId()}}"}""")).Code.ShouldBe("no_such_checkpoint");
    }

    [Fact]
    public async Task The_tree_has_the_graphs_of_a_run()
    {
        var thread = NewThread();
        var run = await Root.StartAsync(thread, "outer");
        var asked = (await Root.ReplayAsync(thread)).Single(frame => frame.Event == "input.requested");

        foreach (var given in (string[])["{}", $$"""{"run_id":"{{run}}"}"""])
        {
            var tree = (await Root.SucceedAsync(thread, "agent.getTree", given)).GetProperty("tree");
            tree.Text("status").ShouldBe("interrupted");
            tree.Text("graph_name").ShouldBe("outer");
            tree.GetProperty("namespace").GetArrayLength().ShouldBe(0);
            var child = tree.GetProperty("children").EnumerateArray().Single();
            child.GetProperty("namespace").Strings().ShouldBe(asked.Namespace());
            child.Text("status").ShouldBe("interrupted");
        }

        (await Root.RefusedAsync(thread, "agent.getTree", $$"""{"run_id":"{{NewId()}}"}""")).Code.ShouldBe("no_such_run");
    }

    [Theory]
    [InlineData("[]", "command")]
    [InlineData("\"run.start\"", "command")]
    [InlineData("""{"method":"run.start"}""", "id")]
    [InlineData("""{"id":-1,"method":"run.start"}""", "id")]
    [InlineData("""{"id":1.5,"method":"run.start"}""", "id")]
    [InlineData("""{"id":"1","method":"run.start"}""", "id")]
    [InlineData("""{"id":1}""", "method")]
    [InlineData("""{"id":1,"method":7}""", "method")]
    [InlineData("""{"id":1,"method":"run.start","params":[]}""", "params")]
    public async Task What_is_no_command_is_refused(string body, string field)
    {
        var answer = (await Root.PostAsync($"/threads/{NewThread()}/commands", body)).ShouldBeOk().Json;

        answer.Text("error").ShouldBe("invalid_argument");
        answer.Text("message").ShouldStartWith(field + ":");
        (answer.GetProperty("id").ValueKind is JsonValueKind.Null or JsonValueKind.Number).ShouldBeTrue();
    }

    [Theory]
    [InlineData("run.start", """{"input":{}}""", "params.assistant_id")]
    [InlineData("run.start", """{"assistant_id":7}""", "params.assistant_id")]
    [InlineData("run.start", """{"assistant_id":"nobody"}""", "params.assistant_id")]
    [InlineData("run.start", """{"assistant_id":"echo","config":[]}""", "params.config")]
    [InlineData("run.start", """{"assistant_id":"echo","metadata":"x"}""", "params.metadata")]
    [InlineData("run.start", """{"assistant_id":"echo","input":[]}""", "params.input")]
    [InlineData("run.start", """{"assistant_id":"echo","multitask_strategy":"maybe"}""", "params.multitask_strategy")]
    [InlineData("run.start", """{"assistant_id":"echo","multitaskStrategy":"maybe"}""", "params.multitaskStrategy")]
    [InlineData("run.start", """{"assistant_id":"echo","multitask_strategy":"maybe","multitaskStrategy":"maybe"}""", "params.multitask_strategy")]
    [InlineData("run.start", """{"assistant_id":"steered","input":{"lg_name":"Command","goto":"nobody"}}""", "params.input.goto")]
    [InlineData("run.start", """{"assistant_id":"steered","input":{"lg_name":"Command","update":5}}""", "params.input.update")]
    [InlineData("run.start", """{"assistant_id":"echo","config":{"configurable":{"checkpoint_id":5}}}""", "params.config.configurable.checkpoint_id")]
    [InlineData("run.start", """{"assistant_id":"echo","config":{"recursion_limit":0}}""", "params.config.recursion_limit")]
    [InlineData("input.respond", "{}", "params.interrupt_id")]
    [InlineData("input.respond", """{"responses":[]}""", "params.responses")]
    [InlineData("input.respond", """{"responses":[7]}""", "params.responses")]
    [InlineData("input.respond", """{"responses":[{"interrupt_id":"x","response":1}]}""", "params.responses[0].interrupt_id")]
    [InlineData("input.respond", """{"interrupt_id":"0123456789abcdef0123456789abcdef"}""", "params.response")]
    [InlineData("input.respond", """{"interrupt_id":"0123456789abcdef0123456789abcdef","response":1,"responses":[{"interrupt_id":"0123456789abcdef0123456789abcdef","response":2}]}""", "params.responses")]
    [InlineData("input.respond", """{"response":1,"responses":[{"interrupt_id":"0123456789abcdef0123456789abcdef","response":2}]}""", "params.responses")]
    [InlineData("input.respond", """{"responses":[{"interrupt_id":"0123456789abcdef0123456789abcdef","response":1},{"interrupt_id":"0123456789abcdef0123456789abcdef","response":2}]}""", "params.responses[1].interrupt_id")]
    [InlineData("input.respond", """{"interrupt_id":"0123456789abcdef0123456789abcdef","response":1,"strict_resume":"yes"}""", "params.strict_resume")]
    [InlineData("input.inject", """{"message":{"role":"robot","content":"x"}}""", "params.message.role")]
    [InlineData("input.inject", """{"message":{"role":"user"}}""", "params.message.content")]
    [InlineData("input.inject", """{"message":"x"}""", "params.message")]
    [InlineData("state.get", """{"namespace":"x"}""", "params.namespace")]
    [InlineData("state.get", """{"keys":[1]}""", "params.keys")]
    [InlineData("state.listCheckpoints", """{"limit":0}""", "params.limit")]
    [InlineData("state.listCheckpoints", """{"before":"x"}""", "params.before")]
    [InlineData("state.fork", "{}", "params.checkpoint_id")]
    [InlineData("agent.getTree", """{"run_id":"x"}""", "params.run_id")]
    public async Task A_wrong_member_is_named_and_nothing_is_started(string method, string given, string field)
    {
        var thread = await Root.NewThreadAsync();

        var (code, message) = await Root.RefusedAsync(thread, method, given);

        code.ShouldBe("invalid_argument", message);
        message.ShouldStartWith(field + ":");
        (await Root.GetAsync($"/threads/{thread}/runs")).Json.GetArrayLength().ShouldBe(0);
    }

    [Theory]
    [InlineData("no.such", "unknown_command")]
    [InlineData("subscription.subscribe", "not_supported")]
    [InlineData("subscription.reconnect", "not_supported")]
    [InlineData("input.respond", "no_such_run")]
    [InlineData("input.inject", "no_such_run")]
    [InlineData("state.fork", "no_such_run")]
    [InlineData("agent.getTree", "no_such_run")]
    public async Task A_command_that_can_not_be_executed_has_the_code_of_the_reason(string method, string code)
    {
        var given = $$"""
            {"interrupt_id":"{{new string('a', 32)}}","response":1,"message":{"role":"user","content":"x"},"checkpoint_id":"{{NewId()}}"}
            """;

        (await Root.RefusedAsync(await Root.NewThreadAsync(), method, given)).Code.ShouldBe(code);
    }

    [Fact]
    public async Task What_http_can_say_is_a_status_with_a_body()
    {
        var thread = await Root.NewThreadAsync();
        (await Root.PostAsync($"/threads/{thread}/commands", "{")).ShouldBe(HttpStatusCode.UnprocessableEntity).Detail.ShouldContain("JSON");
        (await Root.PostAsync($"/threads/{thread}/commands")).ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await Root.PostAsync("/threads/none/commands", "{}")).ShouldBe(HttpStatusCode.UnprocessableEntity).Detail.ShouldContain("thread_id");
        (await Root.PostAsync($"/threads/{NewThread()}/commands", """{"id":1,"method":"state.get"}""")).ShouldBe(HttpStatusCode.NotFound);
        (await Root.GetAsync($"/threads/{thread}/commands")).ShouldBe(HttpStatusCode.MethodNotAllowed);
    }

    private static string Respond(string id) => $$"""{"interrupt_id":"{{id}}","response":"yes"}""";

    private async Task<string[]> AnswersAsync(string thread) =>
        (await Root.GetAsync($"/threads/{thread}/state")).Json.GetProperty("values").TryGetProperty("answers", out var answers) ? answers.Strings() : [];

    private async Task<List<SseFrame>> SecondRunAsync(string thread)
    {
        using var stream = await Root.EventsAsync(thread);
        await stream.RunAsync();
        return await stream.RunAsync();
    }
}
