using System.Net;
using System.Text;
using System.Text.Json;

namespace Weft.Server.Tests.OpenAi;

public sealed class ChatTests(OpenAiServer fixture) : IClassFixture<OpenAiServer>
{
    private const string Path = "/v1/chat/completions";
    private const string Tools =
        ""","tools":[{"type":"function","function":{"name":"search","parameters":{"type":"object"}}}]""";

    private Api Root => fixture.Server.Root;

    [Fact]
    public async Task The_answer_has_the_shape_of_a_completion()
    {
        var answer = (await Root.PostAsync(Path, Chat("thinking", "hi"))).ShouldBeOk();

        var json = answer.Json;
        json.Names().ShouldBe(["id", "object", "created", "model", "choices", "usage", "weft"]);
        json.Text("id").ShouldStartWith("chatcmpl-");
        json.Text("object").ShouldBe("chat.completion");
        json.GetProperty("created").GetInt64().ShouldBeGreaterThan(1_700_000_000);
        json.Text("model").ShouldBe("thinking");
        json.GetProperty("choices").ShouldBeJson(
            """
            [{"index":0,"logprobs":null,"finish_reason":"stop",
              "message":{"role":"assistant","content":"Größe 😀","refusal":null,"reasoning_content":"Hm."}}]
            """);
        json.GetProperty("usage").ShouldBeJson(
            """
            {"prompt_tokens":9,"completion_tokens":4,"total_tokens":13,
             "prompt_tokens_details":{"cached_tokens":2},"completion_tokens_details":{"reasoning_tokens":1}}
            """);
        json.GetProperty("weft").Names().ShouldBe(["run_id", "interrupts"]);
        answer.Header("Content-Location").ShouldBe("/runs/" + json.GetProperty("weft").Text("run_id"));
    }

    [Fact]
    public async Task A_stream_has_the_role_first_then_each_piece_then_the_end_and_the_usage()
    {
        var chunks = await StreamAsync(Chat("thinking", "hi", ""","stream":true,"stream_options":{"include_usage":true}"""));

        chunks.Select(chunk => chunk.GetProperty("choices")).Where(choices => choices.GetArrayLength() > 0)
            .Select(choices => choices[0].GetProperty("delta").EnumerateObject().Select(piece => $"{piece.Name}={piece.Value}"))
            .Select(pieces => string.Join(' ', pieces))
            .ShouldBe(
            [
                "role=assistant content=",
                "reasoning_content=Hm.",
                "content=Größe ",
                "content=😀",
                "",
            ]);
        chunks.Select(chunk => chunk.Text("id")).Distinct().Count().ShouldBe(1);
        chunks.ShouldAllBe(chunk => chunk.Text("object") == "chat.completion.chunk" && chunk.Text("model") == "thinking");
        chunks[^2].GetProperty("choices")[0].Text("finish_reason").ShouldBe("stop");
        chunks[^1].GetProperty("usage").GetProperty("total_tokens").GetInt32().ShouldBe(13);
        chunks[..^1].ShouldAllBe(chunk => chunk.GetProperty("usage").ValueKind == JsonValueKind.Null);
    }

    [Fact]
    public async Task Usage_is_streamed_only_if_it_is_asked_for()
    {
        var chunks = await StreamAsync(Chat("thinking", "hi", ""","stream":true"""));

        chunks.ShouldAllBe(chunk => !chunk.Names().Contains("usage"));
        chunks[^1].GetProperty("choices")[0].Text("finish_reason").ShouldBe("stop");
    }

    [Fact]
    public async Task A_model_that_stops_early_is_reported()
    {
        var whole = (await Root.PostAsync(Path, Chat("thinking", "long"))).ShouldBeOk().Json;

        whole.GetProperty("choices")[0].Text("finish_reason").ShouldBe("length");
    }

    [Fact]
    public async Task A_call_whose_arguments_are_no_object_does_not_end_the_conversation()
    {
        var thread = Guid.NewGuid().ToString();
        foreach (var arguments in (string[])["{\\\"q\\\":", "[1]", "7"])
        {
            var answer = await Root.PostAsync(Path, $$$"""
                {"model":"tooling","messages":[
                  {"role":"user","content":"look"},
                  {"role":"assistant","tool_calls":[
                    {"id":"c","type":"function","function":{"name":"f","arguments":"{{{arguments}}}"} },
                    {"id":"d","type":"function","function":{"name":"f","arguments":"{}"}}]},
                  {"role":"tool","tool_call_id":"c","content":"what?"}],
                 "metadata":{"thread_id":"{{{thread}}}"} }
                """);

            TextOf(answer).ShouldBe("The tool said what?");
            var calls = (await Root.GetAsync($"/threads/{thread}/state")).Json.GetProperty("values").GetProperty("messages")[1];
            calls.GetProperty("tool_calls").EnumerateArray().Select(call => call.Text("id")).ShouldBe(["d"]);
            calls.GetProperty("invalid_tool_calls")[0].Text("id").ShouldBe("c");
            (await Root.DeleteAsync($"/threads/{thread}")).Status.ShouldBe(204);
        }
    }

    [Fact]
    public async Task The_result_of_a_function_answers_the_last_call_of_it()
    {
        var thread = Guid.NewGuid().ToString();
        var answer = await Root.PostAsync(Path, $$$"""
            {"model":"tooling","messages":[
              {"role":"user","content":"look"},
              {"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{\"q\":1}"}},
              {"role":"function","name":"f","content":"one"},
              {"role":"assistant","content":"Again.","function_call":{"name":"f","arguments":"{}"}},
              {"role":"function","name":"f","content":"two"}],
             "metadata":{"thread_id":"{{{thread}}}"} }
            """);

        TextOf(answer).ShouldBe("The tool said two");
        var messages = (await Root.GetAsync($"/threads/{thread}/state")).Json.GetProperty("values").GetProperty("messages");
        messages.EnumerateArray().Select(message => message.Text("type")).ShouldBe(["human", "ai", "tool", "ai", "tool", "ai"]);
        messages[1].GetProperty("tool_calls")[0].GetProperty("args").GetRawText().ShouldBe("""{"q":1}""");
        foreach (var i in (int[])[1, 3])
        {
            messages[i + 1].Text("tool_call_id").ShouldBe(messages[i].GetProperty("tool_calls")[0].Text("id"));
        }

        messages[1].GetProperty("tool_calls")[0].Text("id").ShouldNotBe(messages[3].GetProperty("tool_calls")[0].Text("id"));
    }

    [Fact]
    public async Task The_whole_conversation_is_the_input_and_nothing_is_kept()
    {
        var before = await Root.PostAsync("/threads/count", "{}");

        var answer = await Root.PostAsync(Path, """
            {"model":"echo","messages":[
              {"role":"developer","content":"Be brief."},
              {"role":"user","content":[{"type":"text","text":"one"}]},
              {"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]},
              {"role":"tool","tool_call_id":"c","content":"done"},
              {"role":"assistant","content":"first"},
              {"role":"user","content":[
                {"type":"image_url","image_url":{"url":"https://example.org/a.png"}},{"type":"text","text":"two"}]}]}
            """);

        TextOf(answer).ShouldBe("echo: two");
        (await Root.PostAsync("/threads/count", "{}")).Text.ShouldBe(before.Text);
    }

    [Fact]
    public async Task Tools_of_the_agent_run_in_the_server_and_are_not_shown()
    {
        var whole = (await Root.PostAsync(Path, Chat("agent", "hi"))).ShouldBeOk().Json;
        var chunks = await StreamAsync(Chat("agent", "hi", ""","stream":true"""));

        whole.GetProperty("choices")[0].GetProperty("message").GetRawText().ShouldNotContain("tool_calls");
        whole.GetProperty("choices")[0].Text("finish_reason").ShouldBe("stop");
        whole.GetProperty("choices")[0].GetProperty("message").Text("content").ShouldBe("Let me look.\n\nIt is 42.");
        TextOf(chunks).ShouldBe("Let me look.\n\nIt is 42.");
    }

    [Fact]
    public async Task Messages_that_are_made_at_the_same_time_follow_one_another()
    {
        var text = TextOf(await StreamAsync(Chat("duet", "sing", ""","stream":true""")));

        text.ShouldBe("00 01 02 \n\n10 11 12 ");
    }

    [Fact]
    public async Task A_tool_of_the_client_is_called_and_its_result_continues_the_chat()
    {
        var asked = (await Root.PostAsync(Path, Chat("tooling", "rome", Tools))).ShouldBeOk().Json.GetProperty("choices")[0];
        var message = asked.GetProperty("message");

        asked.Text("finish_reason").ShouldBe("tool_calls");
        message.GetProperty("content").ValueKind.ShouldBe(JsonValueKind.Null);
        message.GetProperty("tool_calls").ShouldBeJson(
            """[{"id":"call-1","type":"function","function":{"name":"search","arguments":"{\"q\":\"rome\"}"}}]""");

        var answered = await Root.PostAsync(Path, $$"""
            {"model":"tooling","messages":[{"role":"user","content":"rome"},{{message.GetRawText()}},
              {"role":"tool","tool_call_id":"call-1","content":"42"}]{{Tools}}}
            """);
        TextOf(answered).ShouldBe("The tool said 42");
    }

    [Fact]
    public async Task Calls_of_the_client_are_streamed_with_their_places()
    {
        var chunks = await StreamAsync(Chat("tooling", "rome", ""","stream":true""" + Tools));

        chunks[^2].GetProperty("choices")[0].GetProperty("delta").GetProperty("tool_calls").ShouldBeJson(
            """[{"index":0,"id":"call-1","type":"function","function":{"name":"search","arguments":"{\"q\":\"rome\"}"}}]""");
        chunks[^1].GetProperty("choices")[0].Text("finish_reason").ShouldBe("tool_calls");
    }

    [Fact]
    public async Task Graphs_read_the_settings_of_the_model_from_configurable()
    {
        var answer = await Root.PostAsync(
            Path,
            Chat("tooling", "hi", ""","temperature":0.5,"max_tokens":7,"stop":["a"],"seed":null,"logit_bias":{"1":2},"store":true"""));

        var seen = JsonElement.Parse(TextOf(answer));
        seen.GetProperty("temperature").GetDouble().ShouldBe(0.5);
        seen.GetProperty("max_tokens").GetInt32().ShouldBe(7);
        seen.GetProperty("stop").ShouldBeJson("""["a"]""");
        seen.Names().ShouldNotContain("seed");
        seen.Names().ShouldNotContain("logit_bias");
    }

    [Fact]
    public async Task A_megabyte_and_unusual_text_pass_unchanged()
    {
        var text = string.Concat(Enumerable.Repeat("äöü 😀 \u2028 \" \\ ", 40_000));
        var body = Chat("echo", text);

        TextOf(await Root.PostAsync(Path, body)).ShouldBe("echo: " + text);
        TextOf(await StreamAsync(Chat("echo", text, ""","stream":true"""))).ShouldBe("echo: " + text);
        Encoding.UTF8.GetByteCount(text).ShouldBeGreaterThan(700_000);
    }

    [Fact]
    public async Task A_question_is_the_text_of_the_answer()
    {
        var whole = (await Root.PostAsync(Path, Chat("choosing", "hi"))).ShouldBeOk().Json;
        var chunks = await StreamAsync(Chat("choosing", "hi", ""","stream":true"""));

        whole.GetProperty("choices")[0].GetProperty("message").Text("content").ShouldBe("which one?");
        whole.GetProperty("choices")[0].Text("finish_reason").ShouldBe("stop");
        whole.GetProperty("weft").GetProperty("interrupts")[0].Text("value").ShouldBe("which one?");
        TextOf(chunks).ShouldBe("which one?");
        chunks[^1].GetProperty("weft").GetProperty("interrupts")[0].Text("value").ShouldBe("which one?");
    }

    [Fact]
    public async Task A_failure_is_a_500_or_an_error_in_the_stream()
    {
        var whole = await Root.PostAsync(Path, Chat("broken", "hi"));
        var frames = await FramesAsync(Chat("broken", "hi", ""","stream":true"""));

        whole.ShouldBe(HttpStatusCode.InternalServerError).Json.GetProperty("error").Text("code").ShouldBe("run_failed");
        frames[^2].Json.GetProperty("error").Text("type").ShouldBe("server_error");
        frames[^1].Data.ShouldBe("[DONE]");
    }

    [Fact]
    public async Task Two_at_once_get_their_own_answers()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => Root.PostAsync(Path, Chat("echo", $"text {i}"))));

        answers.Select(TextOf).ShouldBe(Enumerable.Range(0, 10).Select(i => $"echo: text {i}"));
    }

    [Fact]
    public async Task The_same_routes_are_below_api()
    {
        TextOf(await fixture.Server.Gateway.PostAsync(Path, Chat("echo", "hi"))).ShouldBe("echo: hi");
    }

    [Theory]
    [InlineData("""{"messages":[{"role":"user","content":"a"}]}""", 400, "model")]
    [InlineData("""{"model":"nobody","messages":[{"role":"user","content":"a"}]}""", 404, "model")]
    [InlineData("""{"model":"echo"}""", 400, "messages")]
    [InlineData("""{"model":"echo","messages":[]}""", 400, "messages")]
    [InlineData("""{"model":"echo","messages":"hi"}""", 400, "messages")]
    [InlineData("""{"model":"echo","messages":[1]}""", 400, "messages[0]")]
    [InlineData("""{"model":"echo","messages":[{"content":"a"}]}""", 400, "messages[0].role")]
    [InlineData("""{"model":"echo","messages":[{"role":"remove","content":"a"}]}""", 400, "messages[0].role")]
    [InlineData("""{"model":"echo","messages":[{"role":"user"}]}""", 400, "messages[0].content")]
    [InlineData("""{"model":"echo","messages":[{"role":"user","content":7}]}""", 400, "messages[0].content")]
    [InlineData("""{"model":"echo","messages":[{"role":"user","content":[{"type":"video"}]}]}""", 400, "messages[0].content[0].type")]
    [InlineData("""{"model":"echo","messages":[{"role":"user","content":[{"type":"text"}]}]}""", 400, "messages[0].content[0].text")]
    [InlineData(
        """{"model":"echo","messages":[{"role":"user","content":[{"type":"image_url","image_url":"x"}]}]}""",
        400, "messages[0].content[0].image_url")]
    [InlineData(
        """{"model":"echo","messages":[{"role":"user","content":[{"type":"file","file":{}}]}]}""",
        400, "messages[0].content[0].file.file_data")]
    [InlineData("""{"model":"echo","messages":[{"role":"tool","content":"a"}]}""", 400, "messages[0].tool_call_id")]
    [InlineData(
        """{"model":"echo","messages":[{"role":"assistant","tool_calls":[{"id":"a","function":{"name":"f","arguments":{}}}]}]}""",
        400, "messages[0].tool_calls[0].function.arguments")]
    [InlineData("""{"model":"echo","messages":[{"role":"assistant","function_call":{}}]}""", 400, "messages[0].function_call.name")]
    [InlineData("""{"model":"echo","messages":[{"role":"function","content":"a"}]}""", 400, "messages[0].name")]
    [InlineData("""{"model":"echo","messages":[{"role":"function","name":"f","content":"a"}]}""", 400, "messages[0].name")]
    [InlineData("""{"model":"echo","messages":[{"role":"user","content":"a"}],"stop":5}""", 400, "stop")]
    [InlineData("""{"model":"echo","messages":[{"role":"user","content":"a"}],"stop":["a",5]}""", 400, "stop")]
    [InlineData("""{"model":"echo","messages":[{"role":"user","content":"a"}],"response_format":"json"}""", 400, "response_format")]
    [InlineData("""{"model":"echo","messages":[{"role":"user","content":"a"}],"response_format":{}}""", 400, "response_format.type")]
    [InlineData("""{"model":"echo","messages":[{"role":"user","content":"a"}],"tool_choice":5}""", 400, "tool_choice")]
    [InlineData("""{"model":"echo","messages":[{"role":"user","content":"a"}],"tool_choice":"all"}""", 400, "tool_choice")]
    [InlineData(
        """{"model":"echo","messages":[{"role":"user","content":"a"}],"tool_choice":{"type":"function"}}""", 400, "tool_choice.function")]
    [InlineData("""{"model":"echo","messages":[{"role":"user","content":"a"}],"tools":[1]}""", 400, "tools[0]")]
    [InlineData("""{"model":"echo","messages":[{"role":"user","content":"a"}],"tools":[{"type":"function"}]}""", 400, "tools[0].function")]
    [InlineData("""{"model":"echo","messages":[{"role":"user","content":"a"}],"n":2}""", 400, "n")]
    [InlineData("""{"model":"echo","messages":[{"role":"user","content":"a"}],"stream":"yes"}""", 400, "stream")]
    [InlineData("""{"model":"echo","messages":[{"role":"user","content":"a"}],"temperature":"hot"}""", 400, "temperature")]
    [InlineData("""{"model":"echo","messages":[{"role":"user","content":"a"}],"tools":{}}""", 400, "tools")]
    [InlineData("""{"model":"echo","messages":[{"role":"user","content":"a"}],"metadata":[]}""", 400, "metadata")]
    [InlineData("""{"model":"echo","messages":[{"role":"user","content":"a"}],"metadata":{"thread_id":"x"}}""", 400, "metadata.thread_id")]
    [InlineData("""{"model":""", 400, null)]
    [InlineData("", 400, null)]
    public async Task A_wrong_request_is_refused_with_the_name_of_the_field(string body, int status, string? param)
    {
        foreach (var api in (Api[])[Root, fixture.Server.Gateway])
        {
            var answer = await api.PostAsync(Path, body);

            if (api == Root || param != "metadata.thread_id")
            {
                answer.Status.ShouldBe(status, answer.Text);
                var error = answer.Json.GetProperty("error");
                error.Names().ShouldBe(["message", "type", "param", "code"]);
                error.Text("type").ShouldBe("invalid_request_error");
                error.GetProperty("param").GetString().ShouldBe(param);
                error.GetProperty("code").GetString().ShouldBe(status == 404 ? "model_not_found" : null);
                error.Text("message").ShouldNotBeEmpty();
            }
        }
    }

    internal static string Chat(string model, string text, string more = "") =>
        $$"""{"model":"{{model}}","messages":[{"role":"user","content":{{JsonSerializer.Serialize(text)}}}]{{more}}}""";

    internal static string TextOf(Answer answer) =>
        answer.ShouldBeOk().Json.GetProperty("choices")[0].GetProperty("message").Text("content");

    internal static string TextOf(IEnumerable<JsonElement> chunks) => string.Concat(chunks
        .SelectMany(chunk => chunk.GetProperty("choices").EnumerateArray())
        .Select(choice => choice.GetProperty("delta").TryGetProperty("content", out var text) ? text.GetString() : ""));

    private async Task<List<SseFrame>> FramesAsync(string body)
    {
        using var stream = await Root.StreamAsync(Path, body);
        return await stream.ToEndAsync();
    }

    private async Task<List<JsonElement>> StreamAsync(string body)
    {
        var frames = await FramesAsync(body);
        frames[^1].Data.ShouldBe("[DONE]");
        return [.. frames[..^1].Select(frame => frame.Json)];
    }
}
