using System.Net;
using System.Text.Json;

namespace Weft.Server.Tests.OpenAi;

public sealed class ResponseTests(OpenAiServer fixture) : IClassFixture<OpenAiServer>
{
    private const string Path = "/v1/responses";
    private const string Tools = ""","tools":[{"type":"function","name":"search","parameters":{"type":"object"}}]""";

    private Api Root => fixture.Server.Root;

    [Fact]
    public async Task A_response_has_the_shape_that_clients_read_and_can_be_read_again()
    {
        var created = (await Root.PostAsync(Path, Body("thinking", ""","metadata":{"a":"b"},"instructions":"Be brief.","user":"ann" """)))
            .ShouldBeOk();
        var json = created.Json;

        json.Text("id").ShouldStartWith("resp_");
        json.Text("object").ShouldBe("response");
        json.Text("status").ShouldBe("completed");
        json.Text("model").ShouldBe("thinking");
        json.Text("instructions").ShouldBe("Be brief.");
        json.GetProperty("metadata").ShouldBeJson("""{"a":"b"}""");
        json.GetProperty("error").ValueKind.ShouldBe(JsonValueKind.Null);
        var output = json.GetProperty("output");
        output[0].Text("type").ShouldBe("reasoning");
        output[0].GetProperty("summary").ShouldBeJson("""[{"type":"summary_text","text":"Hm."}]""");
        output[1].Text("type").ShouldBe("message");
        output[1].GetProperty("content").ShouldBeJson("""[{"type":"output_text","text":"Größe 😀","annotations":[],"logprobs":[]}]""");
        json.GetProperty("usage").ShouldBeJson(
            """
            {"input_tokens":9,"output_tokens":4,"total_tokens":13,
             "input_tokens_details":{"cached_tokens":2},"output_tokens_details":{"reasoning_tokens":1}}
            """);
        var read = (await Root.GetAsync($"{Path}/{json.Text("id")}")).ShouldBeOk();
        read.Json.ShouldBeJson(created.Text);
    }

    [Fact]
    public async Task A_response_that_stops_early_is_incomplete()
    {
        var json = (await Root.PostAsync(Path, """{"model":"thinking","input":"long"}""")).ShouldBeOk().Json;

        json.Text("status").ShouldBe("incomplete");
        json.GetProperty("incomplete_details").ShouldBeJson("""{"reason":"max_output_tokens"}""");
    }

    [Fact]
    public async Task A_stream_numbers_its_events_and_ends_with_the_response()
    {
        var frames = await StreamAsync(Body("thinking", ""","stream":true"""));

        frames.Select(frame => frame.Event).ShouldBe(
        [
            "response.created", "response.in_progress",
            "response.output_item.added", "response.reasoning_summary_part.added", "response.reasoning_summary_text.delta",
            "response.reasoning_summary_text.done", "response.reasoning_summary_part.done", "response.output_item.done",
            "response.output_item.added", "response.content_part.added", "response.output_text.delta", "response.output_text.delta",
            "response.output_text.done", "response.content_part.done", "response.output_item.done",
            "response.completed",
        ]);
        frames.ShouldAllBe(frame => frame.Json.Text("type") == frame.Event);
        frames.Select(frame => frame.Json.GetProperty("sequence_number").GetInt32()).ShouldBe(Enumerable.Range(0, frames.Count));
        frames[10].Json.Names().ShouldBe(["type", "item_id", "output_index", "content_index", "logprobs", "delta", "sequence_number"]);
        var completed = frames[^1].Json.GetProperty("response");
        completed.GetProperty("output")[1].GetRawText().ShouldBe(frames[^2].Json.GetProperty("item").GetRawText());
        (await Root.GetAsync($"{Path}/{completed.Text("id")}")).Json.ShouldBeJson(completed.GetRawText());
    }

    [Fact]
    public async Task A_response_continues_the_previous_one_also_on_a_branch()
    {
        var one = await CreateAsync("""{"model":"echo","input":"one"}""");
        var two = await CreateAsync($$"""{"model":"echo","input":"two","previous_response_id":"{{one.Text("id")}}"}""");
        var other = await CreateAsync($$"""{"model":"echo","input":"other","previous_response_id":"{{one.Text("id")}}"}""");
        var more = await CreateAsync($$"""{"model":"echo","input":"more","previous_response_id":"{{two.Text("id")}}"}""");

        two.Text("previous_response_id").ShouldBe(one.Text("id"));
        (await TextsAsync(other)).ShouldBe(["one", "echo: one", "two", "echo: two", "more", "echo: more"]);
        TextOf(more).ShouldBe("echo: more");
        foreach (var (response, text) in ((JsonElement, string)[])[(two, "two"), (other, "other"), (more, "more")])
        {
            var items = (await Root.GetAsync($"{Path}/{response.Text("id")}/input_items")).ShouldBeOk().Json.GetProperty("data");
            items.EnumerateArray().Select(item => item.GetProperty("content")[0].Text("text")).ShouldBe([text]);
        }

        (await Root.GetAsync($"{Path}/{other.Text("id")}")).Json.ShouldBeJson(other.GetRawText());
    }

    [Fact]
    public async Task A_response_that_others_continue_can_be_deleted()
    {
        var one = await CreateAsync("""{"model":"echo","input":"one"}""");
        var two = await CreateAsync($$"""{"model":"echo","input":"two","previous_response_id":"{{one.Text("id")}}"}""");

        (await Root.DeleteAsync($"{Path}/{one.Text("id")}")).ShouldBeOk();

        (await Root.GetAsync($"{Path}/{two.Text("id")}")).Json.ShouldBeJson(two.GetRawText());
        await CreateAsync($$"""{"model":"echo","input":"three","previous_response_id":"{{two.Text("id")}}"}""");
        (await TextsAsync(two)).ShouldBe(["one", "echo: one", "two", "echo: two", "three", "echo: three"]);
        (await Root.PostAsync(Path, $$"""{"model":"echo","input":"a","previous_response_id":"{{one.Text("id")}}"}"""))
            .ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_conversation_is_a_thread()
    {
        var thread = Guid.CreateVersion7();
        var one = await CreateAsync($$"""{"model":"echo","input":"one","conversation":"conv_{{thread:N}}"}""");
        await CreateAsync($$$"""{"model":"echo","input":"two","conversation":{"id":"{{{thread}}}"}}""");

        one.GetProperty("conversation").Text("id").ShouldBe($"conv_{thread:N}");
        (await TextsAsync(one)).ShouldBe(["one", "echo: one", "two", "echo: two"]);
    }

    [Fact]
    public async Task Instructions_are_those_of_the_newest_response()
    {
        var one = await CreateAsync("""{"model":"echo","input":"one","instructions":"In English."}""");
        var two = await CreateAsync(
            $$"""{"model":"echo","input":"two","instructions":"In German.","previous_response_id":"{{one.Text("id")}}"}""");
        (await TextsAsync(two)).ShouldBe(["In German.", "one", "echo: one", "two", "echo: two"]);

        await CreateAsync($$"""{"model":"echo","input":"three","previous_response_id":"{{two.Text("id")}}"}""");
        (await TextsAsync(two)).ShouldBe(["one", "echo: one", "two", "echo: two", "three", "echo: three"]);
    }

    [Fact]
    public async Task A_response_that_is_not_stored_leaves_nothing()
    {
        var before = await Root.PostAsync("/threads/count", "{}");

        var json = await CreateAsync("""{"model":"echo","input":"one","store":false}""");

        TextOf(json).ShouldBe("echo: one");
        (await Root.GetAsync($"{Path}/{json.Text("id")}")).ShouldBe(HttpStatusCode.NotFound);
        (await Root.PostAsync("/threads/count", "{}")).Text.ShouldBe(before.Text);
    }

    [Fact]
    public async Task A_tool_of_the_client_is_called_and_its_output_continues()
    {
        var asked = await CreateAsync(Body("tooling", Tools));
        var call = asked.GetProperty("output")[0];
        call.ShouldBeJson(
            """
            {"id":"fc_call-1","type":"function_call","status":"completed","call_id":"call-1","name":"search","arguments":"{\"q\":\"hi\"}"}
            """);
        (await Root.GetAsync($"{Path}/{asked.Text("id")}")).Json.ShouldBeJson(asked.GetRawText());

        var answered = await CreateAsync($$"""
            {"model":"tooling","previous_response_id":"{{asked.Text("id")}}",
             "input":[{"type":"function_call_output","call_id":"call-1","output":"42"}]{{Tools}}}
            """);
        TextOf(answered).ShouldBe("The tool said 42");
        var items = await Root.GetAsync($"{Path}/{answered.Text("id")}/input_items");
        items.ShouldBeOk().Json.GetProperty("data")[0].Text("output").ShouldBe("42");
    }

    [Fact]
    public async Task A_call_is_streamed()
    {
        var frames = await StreamAsync(Body("tooling", ""","stream":true""" + Tools));

        frames.Select(frame => frame.Event).Skip(2).ShouldBe(
        [
            "response.output_item.added", "response.function_call_arguments.delta", "response.function_call_arguments.done",
            "response.output_item.done", "response.completed",
        ]);
        frames[3].Json.Text("delta").ShouldBe("""{"q":"hi"}""");
    }

    [Fact]
    public async Task A_response_without_input_goes_on_with_what_the_thread_has()
    {
        var one = await CreateAsync("""{"model":"echo","input":"one"}""");

        var next = await CreateAsync($$"""{"model":"echo","input":[],"previous_response_id":"{{one.Text("id")}}"}""");

        TextOf(next).ShouldBe("echo: echo: one");
    }

    [Fact]
    public async Task Items_of_input_are_messages_and_are_listed()
    {
        var json = await CreateAsync("""
            {"model":"echo","input":[
              {"role":"user","content":"a"},
              {"type":"message","role":"assistant","content":[{"type":"output_text","text":"b"}]},
              {"type":"function_call","call_id":"c","name":"f","arguments":"{}"},
              {"type":"function_call","call_id":"x","name":"f","arguments":"{\"cut\":"},
              {"type":"function_call_output","call_id":"c","output":"d"},
              {"type":"reasoning","id":"rs_1","summary":[]},
              {"role":"user","content":[{"type":"input_text","text":"e"},{"type":"input_image","image_url":"https://example.org/a.png"}]}]}
            """);
        TextOf(json).ShouldBe("echo: e");

        var items = (await Root.GetAsync($"{Path}/{json.Text("id")}/input_items?order=asc")).ShouldBeOk().Json;
        items.GetProperty("data").EnumerateArray().Select(item => item.Text("type"))
            .ShouldBe(["message", "message", "function_call", "function_call", "function_call_output", "message"]);
        items.GetProperty("data")[3].Text("arguments").ShouldBe("{\"cut\":");
        items.GetProperty("data")[5].GetProperty("content").ShouldBeJson(
            """[{"type":"input_text","text":"e"},{"type":"input_image","detail":"auto","image_url":"https://example.org/a.png"}]""");
        items.GetProperty("has_more").GetBoolean().ShouldBeFalse();
        var page = (await Root.GetAsync($"{Path}/{json.Text("id")}/input_items?order=asc&limit=2")).ShouldBeOk().Json;
        page.GetProperty("has_more").GetBoolean().ShouldBeTrue();
        var next = (await Root.GetAsync($"{Path}/{json.Text("id")}/input_items?order=asc&after={page.Text("last_id")}")).ShouldBeOk().Json;
        next.GetProperty("data").GetArrayLength().ShouldBe(4);
    }

    [Fact]
    public async Task A_question_is_answered_by_the_next_response()
    {
        var asked = await CreateAsync(Body("choosing"));
        TextOf(asked).ShouldBe("which one?");
        (await Root.GetAsync($"{Path}/{asked.Text("id")}")).Json.ShouldBeJson(asked.GetRawText());

        var answered = await CreateAsync($$"""{"model":"choosing","input":"red","previous_response_id":"{{asked.Text("id")}}"}""");
        TextOf(answered).ShouldBe("you chose red");
        var again = await CreateAsync($$"""{"model":"choosing","input":"blue","previous_response_id":"{{asked.Text("id")}}"}""");
        TextOf(again).ShouldBe("you chose blue");
    }

    [Fact]
    public async Task A_failure_is_the_status_of_the_response()
    {
        var json = await CreateAsync(Body("broken"));
        var frames = await StreamAsync(Body("broken", ""","stream":true"""));

        json.Text("status").ShouldBe("failed");
        json.GetProperty("error").Text("code").ShouldBe("server_error");
        frames[^1].Event.ShouldBe("response.failed");
        (await Root.GetAsync($"{Path}/{json.Text("id")}")).Json.ShouldBeJson(json.GetRawText());
    }

    [Fact]
    public async Task A_response_in_the_background_is_polled_streamed_again_and_cancelled()
    {
        await using var server = await OpenAiServer.StartAsync();
        var (api, gate) = (server.Root, server.Gates.Of(""));
        var first = (await api.PostAsync(Path, Body("gated", ""","background":true"""))).ShouldBeOk().Json;
        first.Text("status").ShouldBeOneOf("queued", "in_progress");
        await gate.EnteredAsync();
        (await api.GetAsync($"{Path}/{first.Text("id")}")).Json.Text("status").ShouldBe("in_progress");
        (await api.PostAsync(Path, $$"""{"model":"echo","input":"a","previous_response_id":"{{first.Text("id")}}"}"""))
            .ShouldBe(HttpStatusCode.Conflict).Json.GetProperty("error").Text("param").ShouldBe("previous_response_id");
        var cancelled = (await api.PostAsync($"{Path}/{first.Text("id")}/cancel")).ShouldBeOk().Json;
        cancelled.Text("status").ShouldBe("cancelled");

        gate.Open();
        using var stream = await api.StreamAsync(Path, Body("gated", ""","background":true,"stream":true"""));
        var frames = await stream.ToEndAsync();
        var id = frames[0].Json.GetProperty("response").Text("id");
        using var all = await api.JoinAsync($"{Path}/{id}?stream=true");
        (await all.ToEndAsync()).Select(frame => frame.Data).Skip(2).ShouldBe(frames.Select(frame => frame.Data).Skip(2));
        using var rest = await api.JoinAsync($"{Path}/{id}?stream=true&starting_after=4");
        (await rest.ToEndAsync()).Select(frame => frame.Data).ShouldBe(frames.Skip(5).Select(frame => frame.Data));
    }

    [Fact]
    public async Task A_response_is_read_and_continued_after_a_restart()
    {
        var folder = Directory.CreateTempSubdirectory("weft-");
        string id, text;
        await using (var first = await OpenAiServer.StartAsync(folder.FullName))
        {
            text = (await first.Root.PostAsync(Path, Body("thinking"))).ShouldBeOk().Text;
            id = JsonElement.Parse(text).Text("id");
        }

        await using (var second = await OpenAiServer.StartAsync(folder.FullName))
        {
            (await second.Root.GetAsync($"{Path}/{id}")).ShouldBeOk().Json.ShouldBeJson(text);
            var next = await second.Root.PostAsync(Path, $$"""{"model":"echo","input":"two","previous_response_id":"{{id}}"}""");
            TextOf(next.ShouldBeOk().Json).ShouldBe("echo: two");
        }

        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_deleted_response_is_gone()
    {
        var json = await CreateAsync(Body("echo"));
        var id = json.Text("id");

        (await Root.DeleteAsync($"{Path}/{id}")).ShouldBeOk().Json.ShouldBeJson($$"""{"id":"{{id}}","object":"response","deleted":true}""");

        (await Root.GetAsync($"{Path}/{id}")).ShouldBe(HttpStatusCode.NotFound);
        (await Root.DeleteAsync($"{Path}/{id}")).ShouldBe(HttpStatusCode.NotFound);
        (await Root.GetAsync("/threads/" + json.GetProperty("weft").Text("thread_id"))).ShouldBe(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("""{"input":"a"}""", 400, "model")]
    [InlineData("""{"model":"nobody","input":"a"}""", 404, "model")]
    [InlineData("""{"model":"echo"}""", 400, "input")]
    [InlineData("""{"model":"echo","input":7}""", 400, "input")]
    [InlineData("""{"model":"echo","input":[{"content":"a"}]}""", 400, "input[0].type")]
    [InlineData("""{"model":"echo","input":[{"type":"item_reference","id":"a"}]}""", 400, "input[0].type")]
    [InlineData("""{"model":"echo","input":[{"role":"tool","content":"a"}]}""", 400, "input[0].role")]
    [InlineData("""{"model":"echo","input":[{"role":"user","content":[{"type":"input_image"}]}]}""", 400, "input[0].content[0].file_id")]
    [InlineData("""{"model":"echo","input":[{"type":"function_call_output","output":"a"}]}""", 400, "input[0].call_id")]
    [InlineData(
        """{"model":"echo","input":[{"type":"function_call","call_id":"c","name":"f","arguments":[]}]}""",
        400, "input[0].arguments")]
    [InlineData("""{"model":"echo","input":[]}""", 400, "input")]
    [InlineData("""{"model":"echo","input":[],"instructions":"Be brief."}""", 400, "input")]
    [InlineData("""{"model":"echo","input":[{"type":"reasoning","summary":[]}]}""", 400, "input")]
    [InlineData("""{"model":"echo","input":[],"conversation":"conv_0198c7f30b7e7d118a552f6a1c0d9e33"}""", 400, "input")]
    [InlineData("""{"model":"echo","input":"a","text":{"format":"json"}}""", 400, "text.format")]
    [InlineData("""{"model":"echo","input":"a","tool_choice":5}""", 400, "tool_choice")]
    [InlineData("""{"model":"echo","input":"a","tools":[{"type":"function"}]}""", 400, "tools[0].name")]
    [InlineData("""{"model":"echo","input":"a","previous_response_id":"resp_1"}""", 404, "previous_response_id")]
    [InlineData("""{"model":"echo","input":"a","previous_response_id":"resp_1","conversation":"conv_1"}""", 400, "conversation")]
    [InlineData("""{"model":"echo","input":"a","conversation":7}""", 400, "conversation")]
    [InlineData("""{"model":"echo","input":"a","conversation":{}}""", 400, "conversation.id")]
    [InlineData("""{"model":"echo","input":"a","store":false,"background":true}""", 400, "store")]
    [InlineData("""{"model":"echo","input":"a","store":false,"previous_response_id":"resp_1"}""", 400, "store")]
    [InlineData("""{"model":"echo","input":"a","tools":{}}""", 400, "tools")]
    [InlineData("""{"model":"echo","input":"a","tools":[1]}""", 400, "tools[0]")]
    [InlineData("""{"model":"echo","input":"a","text":1}""", 400, "text")]
    [InlineData("""{"model":"echo","input":"a","metadata":1}""", 400, "metadata")]
    public async Task A_wrong_request_is_refused_with_the_name_of_the_field(string body, int status, string param)
    {
        var answer = await Root.PostAsync(Path, body);

        answer.Status.ShouldBe(status, answer.Text);
        answer.Json.GetProperty("error").GetProperty("param").GetString().ShouldBe(param);
    }

    [Fact]
    public async Task Runs_of_other_apis_are_not_responses()
    {
        var run = await Root.PostAsync($"/threads/{await Root.NewThreadAsync()}/runs/wait", Bodies.Echo());
        var id = $"resp_{Guid.Parse(run.RunId):N}";

        foreach (var path in (string[])[$"{Path}/{id}", $"{Path}/resp_7", $"{Path}/{id}/input_items"])
        {
            var answer = await Root.GetAsync(path);
            answer.ShouldBe(HttpStatusCode.NotFound).Json.GetProperty("error").Text("code").ShouldBe("not_found");
        }

        var items = await CreateAsync(Body("echo"));
        (await Root.GetAsync($"{Path}/{items.Text("id")}/input_items?limit=0")).ShouldBe(HttpStatusCode.BadRequest)
            .Json.GetProperty("error").Text("param").ShouldBe("limit");
        (await Root.GetAsync($"{Path}/{items.Text("id")}?stream=true")).ShouldBe(HttpStatusCode.BadRequest)
            .Json.GetProperty("error").Text("param").ShouldBe("stream");
    }

    private static string Body(string model, string more = "") => $$"""{"model":"{{model}}","input":"hi"{{more}}}""";

    private static string TextOf(JsonElement response) => string.Concat(response.GetProperty("output").EnumerateArray()
        .Where(item => item.Text("type") == "message").Select(item => item.GetProperty("content")[0].Text("text")));

    private async Task<JsonElement> CreateAsync(string body) => (await Root.PostAsync(Path, body)).ShouldBeOk().Json;

    private async Task<List<SseFrame>> StreamAsync(string body)
    {
        using var stream = await Root.StreamAsync(Path, body);
        return await stream.ToEndAsync();
    }

    /// <summary>The conversation in the newest state of the response's thread.</summary>
    private async Task<string[]> TextsAsync(JsonElement response)
    {
        var state = await Root.GetAsync($"/threads/{response.GetProperty("weft").Text("thread_id")}/state");
        return state.ShouldBeOk().Json.GetProperty("values").Texts();
    }
}
