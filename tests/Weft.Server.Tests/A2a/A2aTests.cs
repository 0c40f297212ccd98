using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using static Weft.Server.Tests.A2a.A2aCalls;

namespace Weft.Server.Tests.A2a;

/// <summary>Assistants as agents of the Agent2Agent protocol (docs/protocol/a2a.md).</summary>
public sealed class A2aTests(SharedServer shared) : ServerTests(shared)
{
    [Theory]
    [InlineData("/.well-known/agent-card.json?assistant_id=echo")]
    [InlineData("/a2a/echo/.well-known/agent-card.json")]
    public async Task An_assistant_has_a_card_for_clients_of_both_versions(string path)
    {
        var card = (await Root.GetAsync(path)).ShouldBeOk().Json;
        var id = (await Root.GetAsync("/assistants/echo")).String("assistant_id");

        card.Text("name").ShouldBe("echo");
        card.Text("description").ShouldBe("Says it again.");
        card.Text("protocolVersion").ShouldBe("0.3.0");
        card.Text("url").ShouldBe(new Uri(Root.BaseAddress, $"a2a/{id}").ToString());
        card.GetProperty("supportedInterfaces").EnumerateArray().Select(one => one.Text("protocolVersion")).ShouldBe(["1.0", "0.3"]);
        card.GetProperty("capabilities").GetProperty("streaming").GetBoolean().ShouldBeTrue();
        card.GetProperty("skills")[0].Text("id").ShouldBe(id);
        (await Gateway.GetAsync(path)).ShouldBeOk().String("url").ShouldBe(new Uri(Root.BaseAddress, $"api/a2a/{id}").ToString());
    }

    [Fact]
    public async Task A_card_that_does_not_exist_is_not_found()
    {
        (await Root.GetAsync("/.well-known/agent-card.json")).ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await Root.GetAsync("/.well-known/agent-card.json?assistant_id=nobody")).ShouldBe(HttpStatusCode.NotFound);
        (await Root.GetAsync("/a2a/nobody/.well-known/agent-card.json")).ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_message_is_answered_with_a_task_of_version_0_3()
    {
        var task = await Root.A2aResultAsync("echo", "message/send", Say("hi"));

        task.Text("kind").ShouldBe("task");
        task.GetProperty("status").Text("state").ShouldBe("completed");
        task.GetProperty("artifacts")[0].GetProperty("parts").ShouldBeJson("""[{"kind":"text","text":"echo: hi"}]""");
        task.GetProperty("history").EnumerateArray().Select(message => message.Text("role")).ShouldBe(["user", "agent"]);
        var run = (await Root.GetAsync($"/threads/{task.Text("contextId")}/runs/{task.Text("id")}")).ShouldBeOk();
        run.String("status").ShouldBe("success");
        (await Root.A2aResultAsync("echo", "tasks/get", $$"""{"id":"{{task.Text("id")}}"}""")).ShouldBeJson(task.GetRawText());
    }

    [Fact]
    public async Task A_message_is_answered_with_a_task_of_version_1()
    {
        var task = (await Root.A2aResultAsync(
            "echo", "SendMessage", Message("""{"text":"hi"}""", role: "ROLE_USER"), ("A2A-Version", "1.0"))).GetProperty("task");

        task.TryGetProperty("kind", out _).ShouldBeFalse();
        task.GetProperty("status").Text("state").ShouldBe("TASK_STATE_COMPLETED");
        task.GetProperty("status").Text("timestamp").ShouldEndWith("Z");
        task.GetProperty("artifacts")[0].GetProperty("parts").ShouldBeJson("""[{"text":"echo: hi"}]""");
        task.GetProperty("history").EnumerateArray().Select(message => message.Text("role")).ShouldBe(["ROLE_USER", "ROLE_AGENT"]);
        var again = await Root.A2aResultAsync("echo", "GetTask", $$"""{"id":"{{task.Text("id")}}","historyLength":1}""");
        again.GetProperty("history").GetArrayLength().ShouldBe(1);
        (await Root.A2aResultAsync("echo", "GetTask", $$"""{"id":"{{task.Text("id")}}","historyLength":0}"""))
            .TryGetProperty("history", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task A_context_is_a_thread_and_each_turn_a_task()
    {
        var first = await Gateway.A2aResultAsync("echo", "message/send", Say("one"));
        var context = first.Text("contextId");

        var second = await Gateway.A2aResultAsync("echo", "message/send", Say("two", $$""","contextId":"{{context}}" """));

        second.Text("contextId").ShouldBe(context);
        second.Text("id").ShouldNotBe(first.Text("id"));
        second.GetProperty("history").GetArrayLength().ShouldBe(2);
        (await Root.GetAsync($"/threads/{context}/state")).Json.GetProperty("values").Texts()
            .ShouldBe(["one", "echo: one", "two", "echo: two"]);
    }

    [Fact]
    public async Task Data_is_the_input_of_a_graph_without_messages_and_its_output_is_data()
    {
        var task = await Root.A2aResultAsync("failing", "message/send", Message("""{"kind":"data","data":{"fail":false}}"""));
        var workflow = await Root.A2aResultAsync("workflow", "message/send", Say("looms"));
        var refused = await Root.CallA2aAsync("failing", "message/send", Say("hi"));

        task.GetProperty("artifacts")[0].GetProperty("parts")[0].GetProperty("data").GetProperty("count").GetInt32().ShouldBe(1);
        workflow.GetProperty("status").Text("state").ShouldBe("input-required");
        refused.Code().ShouldBe(-32602);
        refused.Text.ShouldContain("takes no messages");
    }

    [Fact]
    public async Task Files_are_blocks_of_the_message()
    {
        const string Parts = """
            {"kind":"text","text":"look"},{"kind":"file","file":{"bytes":"cGl4ZWxz","mimeType":"image/png"}},
            {"kind":"file","file":{"uri":"https://files.example/a.pdf","mimeType":"application/pdf","name":"a.pdf"}}
            """;

        var task = await Root.A2aResultAsync("echo", "message/send", Message(Parts));

        var values = (await Root.GetAsync($"/threads/{task.Text("contextId")}/state")).Json.GetProperty("values");
        values.GetProperty("messages")[0].GetProperty("content").EnumerateArray().Select(block => block.Text("type"))
            .ShouldBe(["text", "image_url", "file"]);
        task.GetProperty("history")[0].GetProperty("parts")[1].ShouldBeJson(
            """{"kind":"file","file":{"bytes":"cGl4ZWxz","mimeType":"image/png"}}""");
    }

    [Fact]
    public async Task A_question_needs_input_and_the_next_message_answers_it()
    {
        var asked = await Root.A2aResultAsync("asking", "message/send", Say("go"));
        var (id, context) = (asked.Text("id"), asked.Text("contextId"));

        asked.GetProperty("status").Text("state").ShouldBe("input-required");
        asked.GetProperty("status").GetProperty("message").GetProperty("parts")[0].Text("text").ShouldBe("which one?");
        var answered = await Root.A2aResultAsync(
            "asking", "message/send", Say("red", $$""","taskId":"{{id}}","contextId":"{{context}}" """));

        answered.Text("id").ShouldBe(id);
        answered.GetProperty("status").Text("state").ShouldBe("completed");
        answered.GetProperty("artifacts")[0].GetProperty("parts")[0].Text("text").ShouldBe("you chose red");
        (await Root.A2aResultAsync("asking", "tasks/get", $$"""{"id":"{{id}}"}""")).GetProperty("status").Text("state").ShouldBe("completed");
        (await Root.CallA2aAsync("asking", "message/send", Say("blue", $$""","taskId":"{{id}}" """))).Code().ShouldBe(-32004);
    }

    [Fact]
    public async Task A_task_can_be_left_and_asked_for_later()
    {
        await using var server = await TestServer.StartAsync();
        var begun = await server.Root.A2aResultAsync("gated", "message/send", Say("go", "", ""","configuration":{"blocking":false}"""));
        await server.Gates.Of("").EnteredAsync();
        var get = $$"""{"id":"{{begun.Text("id")}}"}""";

        begun.GetProperty("status").Text("state").ShouldBeOneOf("submitted", "working");
        (await server.Root.A2aResultAsync("gated", "tasks/get", get)).GetProperty("status").Text("state").ShouldBe("working");
        using var events = await server.Root.StreamA2aAsync("gated", "tasks/resubscribe", get);
        server.Gates.Of("").Open();
        var last = (await events.ToEndAsync())[^1].Json.GetProperty("result");

        last.Text("kind").ShouldBe("status-update");
        last.GetProperty("final").GetBoolean().ShouldBeTrue();
        (await server.Root.A2aResultAsync("gated", "tasks/get", get)).GetProperty("artifacts").EnumerateArray()
            .Select(artifact => artifact.GetProperty("parts")[0].Text("text")).ShouldBe(["begun", "one two"]);
        (await server.Root.CallA2aAsync("gated", "tasks/resubscribe", get)).Code().ShouldBe(-32004);
    }

    [Fact]
    public async Task A_task_is_canceled_once()
    {
        await using var server = await TestServer.StartAsync();
        var begun = (await server.Root.A2aResultAsync(
            "gated", "SendMessage", Message("""{"text":"go"}""", "", ""","configuration":{"returnImmediately":true}"""))).GetProperty("task");
        await server.Gates.Of("").EnteredAsync();
        var id = $$"""{"id":"{{begun.Text("id")}}"}""";

        (await server.Root.A2aResultAsync("gated", "CancelTask", id)).GetProperty("status").Text("state").ShouldBe("TASK_STATE_CANCELED");

        await server.Gates.Of("").CancelledAsync();
        (await server.Root.CallA2aAsync("gated", "CancelTask", id)).Code().ShouldBe(-32002);
        (await server.Root.A2aResultAsync("gated", "GetTask", id)).GetProperty("status").Text("state").ShouldBe("TASK_STATE_CANCELED");
    }

    [Theory]
    [InlineData("message/stream")]
    [InlineData("SendStreamingMessage")]
    public async Task A_stream_has_the_task_then_the_text_and_at_last_the_status(string method)
    {
        var gate = Gates.New();
        gate.Open();
        using var stream = await Root.StreamA2aAsync(
            "gated", method, Message($$"""{"text":"go"},{"data":{"gate":"{{gate.Name}}"} }"""));
        var results = (await stream.ToEndAsync()).Select(frame => frame.Json.GetProperty("result")).ToList();
        var isV1 = method == "SendStreamingMessage";

        var task = isV1 ? results[0].GetProperty("task") : results[0];
        var updates = results.Select(result => isV1
            ? result.TryGetProperty("artifactUpdate", out var update) ? update : default
            : result.Text("kind") == "artifact-update" ? result : default)
            .Where(update => update.ValueKind == JsonValueKind.Object).ToList();
        var text = string.Join('|', updates.GroupBy(update => update.GetProperty("artifact").Text("artifactId"))
            .Select(artifact => string.Concat(artifact.Select(update => update.GetProperty("artifact").GetProperty("parts")[0].Text("text")))));
        text.ShouldBe("begun|one two");
        updates[0].GetProperty("append").GetBoolean().ShouldBeFalse();
        updates[^1].GetProperty("lastChunk").GetBoolean().ShouldBeTrue();
        updates.ShouldAllBe(update => update.Text("taskId") == task.Text("id") && update.Text("contextId") == task.Text("contextId"));
        var last = isV1 ? results[^1].GetProperty("statusUpdate") : results[^1];
        last.GetProperty("status").Text("state").ShouldBe(isV1 ? "TASK_STATE_COMPLETED" : "completed");
    }

    [Fact]
    public async Task A_stream_that_asks_ends_with_the_question_and_one_that_fails_with_the_reason()
    {
        using var asking = await Root.StreamA2aAsync("asking", "message/stream", Say("go"));
        using var failing = await Root.StreamA2aAsync("failing", "message/stream", Message("""{"kind":"data","data":{"fail":true}}"""));

        var asked = (await asking.ToEndAsync())[^1].Json.GetProperty("result");
        asked.GetProperty("status").Text("state").ShouldBe("input-required");
        asked.GetProperty("final").GetBoolean().ShouldBeTrue();
        asked.GetProperty("status").GetProperty("message").GetProperty("parts")[0].Text("text").ShouldBe("which one?");
        var failed = (await failing.ToEndAsync())[^1].Json.GetProperty("result").GetProperty("status");
        failed.Text("state").ShouldBe("failed");
        failed.GetProperty("message").GetProperty("parts")[0].Text("text").ShouldNotBeNullOrWhiteSpace();
    }

    [Fact]
    public async Task Tasks_are_listed_by_context_and_state()
    {
        await using var server = await TestServer.StartAsync();
        var asked = await server.Root.A2aResultAsync("asking", "message/send", Say("go"));
        var context = asked.Text("contextId");
        await server.Root.A2aResultAsync("asking", "message/send", Say("red", $$""","contextId":"{{context}}" """));
        await server.Root.A2aResultAsync("asking", "message/send", Say("other"));

        var all = await server.Root.A2aResultAsync("asking", "ListTasks");
        var ofContext = await server.Root.A2aResultAsync("asking", "ListTasks", $$"""{"contextId":"{{context}}","includeArtifacts":true}""");
        var waiting = await server.Root.A2aResultAsync("asking", "ListTasks", """{"status":"TASK_STATE_INPUT_REQUIRED"}""");
        var page = await server.Root.A2aResultAsync("asking", "ListTasks", """{"pageSize":1}""");

        all.GetProperty("tasks").GetArrayLength().ShouldBe(2);
        all.Text("nextPageToken").ShouldBeEmpty();
        all.GetProperty("tasks")[0].TryGetProperty("artifacts", out _).ShouldBeFalse();
        ofContext.GetProperty("tasks").EnumerateArray().ShouldHaveSingleItem().Text("id").ShouldBe(asked.Text("id"));
        ofContext.GetProperty("tasks")[0].GetProperty("artifacts").GetArrayLength().ShouldBe(1);
        waiting.GetProperty("tasks").GetArrayLength().ShouldBe(1);
        page.Text("nextPageToken").ShouldNotBeEmpty();
        (await server.Root.A2aResultAsync("asking", "ListTasks", $$"""{"pageToken":"{{page.Text("nextPageToken")}}"}"""))
            .GetProperty("tasks").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task The_endpoint_can_be_switched_off()
    {
        await using var app = await GuestApp.StartAsync(app => app.MapWeft(), configure: options => options.ServesA2a = false);

        (await app.Root.PostAsync("/a2a/echo", "{}")).ShouldBe(HttpStatusCode.NotFound).Text.ShouldBeEmpty();
        (await app.Root.GetAsync("/.well-known/agent-card.json?assistant_id=echo")).ShouldBe(HttpStatusCode.NotFound);
    }
}
