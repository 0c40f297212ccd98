using System.Text.Json;
using static Weft.Server.Tests.AgUiCalls;

namespace Weft.Server.Tests.AgUi;

/// <summary>The conversation of a client and the thread behind it.</summary>
public sealed class ThreadTests(SharedServer shared) : ServerTests(shared)
{
    [Fact]
    public async Task Only_new_messages_become_the_input()
    {
        var thread = NewId();
        var client = await Root.AgUiAsync("answering", Body(thread, User("one", "u-1")));

        await Root.AgUiAsync("answering", Body(thread, client.MessagesJson + "," + User("two", "u-2")), client);

        client.Messages.Select(message => message.Text("content")).ShouldBe(["one", "answer to one", "two", "answer to two"]);
        var kwargs = (await Root.GetAsync($"/threads/{thread}/runs")).Json[0].GetProperty("kwargs");
        (await Root.StateAsync(client)).Texts().Length.ShouldBe(4);
        kwargs.GetProperty("input").GetProperty("messages").GetArrayLength().ShouldBe(1);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/api")]
    public async Task Any_text_is_the_id_of_a_thread_and_each_of_its_runs_has_the_same_one(string mount)
    {
        var thread = $"my thread/{mount} ü";
        var api = mount.Length == 0 ? Root : Gateway;
        var client = await api.AgUiAsync("echo", Body(thread, User("one", "u-1")));

        await api.AgUiAsync("echo", Body(thread, client.MessagesJson + "," + User("two", "u-2")), client);

        client.Events[0].Text("threadId").ShouldBe(thread);
        client.Last.Text("threadId").ShouldBe(thread);
        client.Messages.Count.ShouldBe(4);
        client.Location!.ShouldStartWith(mount + "/threads/");
        (await Root.StateAsync(client)).Texts().Length.ShouldBe(4);
    }

    [Fact]
    public async Task The_case_of_a_uuid_does_not_matter()
    {
        var thread = NewId();

        var client = await Root.AgUiAsync("echo", Body(thread.ToUpperInvariant(), User("one", "u-1")));

        client.WeftThreadId.ShouldBe(thread);
        client.Last.Text("threadId").ShouldBe(thread.ToUpperInvariant());
    }

    [Fact]
    public async Task A_turn_starts_again_from_the_checkpoint_before_its_message()
    {
        var thread = NewId();
        var client = await Root.AgUiAsync("answering", Body(thread, User("one", "u-1")));
        await Root.AgUiAsync("answering", Body(thread, client.MessagesJson + "," + User("two", "u-2")), client);
        await Root.AgUiAsync("answering", Body(thread, client.MessagesJson + "," + User("three", "u-3")), client);
        var kept = string.Join(',', client.Messages.Take(2).Select(message => message.GetRawText()));

        await Root.AgUiAsync("answering", Body(thread, kept + "," + User("two edited", "u-2")), client);

        client.Messages.Select(message => message.Text("content")).ShouldBe(["one", "answer to one", "two edited", "answer to two edited"]);
        (await Root.StateAsync(client)).Texts().ShouldBe(["one", "answer to one", "two edited", "answer to two edited"]);

        await Root.AgUiAsync("answering", Body(thread, User("one", "u-1")), client);

        client.Messages.Select(message => message.Text("content")).ShouldBe(["one", "answer to one"]);
        client.Messages[0].Text("id").ShouldBe("u-1");
    }

    [Fact]
    public async Task A_client_that_missed_an_answer_goes_on()
    {
        var thread = NewId();
        await Root.AgUiAsync("answering", Body(thread, User("one", "u-1")));

        var client = await Root.AgUiAsync(
            "answering", Body(thread, User("one", "u-1") + "," + User("two", "u-2"), ""","forwardedProps":{"command":{}}"""));

        client.Messages.Select(message => message.Text("content")).ShouldBe(["one", "answer to one", "two", "answer to two"]);
    }

    [Fact]
    public async Task All_kinds_of_messages_are_accepted()
    {
        const string Messages = """
            {"id":"s-0","role":"system","content":"left out"},
            {"id":"d-0","role":"developer","content":"left out"},
            {"id":"s-1","role":"system","content":"Be brief."},
            {"id":"u-1","role":"user","name":"ann","content":[
              {"type":"text","text":"look"},
              {"type":"image","source":{"type":"data","value":"AAAA","mimeType":"image/gif"}},
              {"type":"image","source":{"type":"url","value":"https://example.org/a.png"}},
              {"type":"audio","source":{"type":"data","value":"BBBB","mimeType":"audio/wav"}},
              {"type":"document","source":{"type":"file","value":"file-1","mimeType":"application/pdf"}},
              {"type":"unheard","of":1}]},
            {"id":"r-1","role":"reasoning","content":"left out"},
            {"id":"a-1","role":"assistant","toolCalls":[
              {"id":"c-1","type":"function","function":{"name":"look","arguments":"{\"q\":1}"}},
              {"id":"c-2","type":"function","function":{"name":"look","arguments":"{\"q\":"}}]},
            {"id":"t-1","role":"tool","toolCallId":"c-1","content":"42","error":"It failed."},
            {"id":"u-2","role":"user","content":"and?"}
            """;

        var client = await Root.AgUiAsync("echo", Body(NewId(), Messages));

        var stored = (await Root.StateAsync(client)).GetProperty("messages").EnumerateArray().ToList();
        stored.Select(message => message.Text("type")).ShouldBe(["system", "human", "ai", "tool", "human", "ai"]);
        stored[1].GetProperty("content").ShouldBeJson(
            """
            [{"type":"text","text":"look"},{"type":"image_url","image_url":{"url":"data:image/gif;base64,AAAA"}},
             {"type":"image_url","image_url":{"url":"https://example.org/a.png"}},
             {"type":"audio","base64":"BBBB","mime_type":"audio/wav"},
             {"type":"file","file_id":"file-1","mime_type":"application/pdf"},{"type":"unheard","of":1}]
            """);
        stored[1].Text("name").ShouldBe("ann");
        stored[2].GetProperty("tool_calls").ShouldBeJson("""[{"name":"look","args":{"q":1},"id":"c-1","type":"tool_call"}]""");
        stored[3].Text("status").ShouldBe("error");
        client.Messages[1].GetProperty("content").ShouldBeJson(
            """
            [{"type":"text","text":"look"},{"type":"image","source":{"type":"data","value":"AAAA","mimeType":"image/gif"}},
             {"type":"image","source":{"type":"url","value":"https://example.org/a.png"}},
             {"type":"audio","source":{"type":"data","value":"BBBB","mimeType":"audio/wav"}},
             {"type":"document","source":{"type":"file","value":"file-1","mimeType":"application/pdf"}}]
            """);
        client.Messages[3].Text("error").ShouldBe("error");
    }

    [Fact]
    public async Task The_result_of_a_tool_is_known_by_its_call()
    {
        var thread = NewId();
        var client = await Root.AgUiAsync("showing", Body(thread));
        var messages = client.MessagesJson.Replace("\"t-1\"", "\"other\"", StringComparison.Ordinal);

        await Root.AgUiAsync("echo", Body(thread, messages + "," + User("so?", "u-1")), client);

        client.Messages.Select(message => message.Text("role")).ShouldBe(["assistant", "tool", "user", "assistant"]);
    }

    [Fact]
    public async Task The_tools_of_the_client_are_in_the_channels_of_the_graph_or_in_its_configuration()
    {
        const string Offer = """
            ,"tools":[{"name":"pick","description":"Picks.","parameters":{"type":"object"}}],
             "context":[{"description":"page","value":"home"}]
            """;
        const string Tool = """
            {"type":"function","name":"pick","function":{"name":"pick","description":"Picks.","parameters":{"type":"object"}}}
            """;
        const string Context = """[{"description":"page","value":"home"}]""";

        var offered = (await Root.AgUiAsync("offered", Body(NewId(), "", Offer))).State!;
        var configured = (await Root.AgUiAsync(
            "configured", Body(NewId(), "", Offer + ""","forwardedProps":{"config":{"configurable":{"model":"large"}}}"""))).State!;

        JsonElement.Parse(offered.ToJsonString()).ShouldBeJson(
            $$$"""
            {"tools":[{{{Tool}}}],"ag-ui":{"tools":[{{{Tool}}}],"context":{{{Context}}}},
             "copilotkit":{"actions":[{{{Tool}}}],"context":{{{Context}}}}}
            """);
        var configurable = JsonElement.Parse(configured["configurable"]!.ToJsonString());
        configurable.GetProperty("ag-ui").ShouldBeJson($$"""{"tools":[{{Tool}}],"context":{{Context}}}""");
        configurable.Text("model").ShouldBe("large");
    }

    [Fact]
    public async Task Two_runs_at_once_on_one_thread_conflict()
    {
        var (thread, gate) = (NewId(), Gates.New());
        using var first = await Root.StreamAsync("/agui/answering", Body(thread, User(gate.Name, "u-1")));
        await gate.EnteredAsync();

        var second = await Root.PostAsync("/agui/answering", Body(thread, User("two", "u-2")));

        second.Status.ShouldBe(409);
        second.Detail.ShouldContain("has not ended");
        gate.Open();
        (await first.ToEndAsync())[^1].Json.Text("type").ShouldBe("RUN_FINISHED");
    }

    [Fact]
    public async Task Of_many_requests_for_one_thread_at_once_one_runs()
    {
        var (thread, gate) = (NewId(), Gates.New());

        var calls = Enumerable.Range(0, 8).Select(i => Root.PostAsync("/agui/answering", Body(thread, User(gate.Name, $"u-{i}")))).ToList();
        await gate.EnteredAsync();
        var refused = calls.Where(call => call.IsCompleted).ToList();
        gate.Open();

        var answers = await Task.WhenAll(calls);
        answers.Count(answer => answer.Status == 200).ShouldBeGreaterThanOrEqualTo(1);
        answers.ShouldAllBe(answer => answer.Status == 200 || answer.Status == 409);
        refused.Count.ShouldBeLessThan(8);
    }
}
