using System.Text.Json;
using Microsoft.Extensions.AI;
using Weft.Graphs;

namespace Weft.Agents.Tests.Messages;

public sealed class MessageConversionTests
{
    [Theory]
    [InlineData("""{"type":"human","id":"1","content":"hi","name":"ann"}""")]
    [InlineData("""{"type":"human","id":"1","content":"","additional_kwargs":{"mood":{"happy":true}}}""")]
    [InlineData("""{"type":"human","content":["plain",{"type":"text","text":"a","cache_control":{"type":"ephemeral"}},{"type":"image_url","image_url":{"url":"https://x.org/a.png","detail":"low"}}]}""")]
    [InlineData("""{"type":"human","content":[{"type":"image_url","image_url":"data:image/png;base64,AAAA"},{"type":"image","source_type":"base64","mime_type":"image/png","data":"AAAA"}]}""")]
    [InlineData("""{"type":"human","content":[{"type":"image","source":{"type":"base64","media_type":"image/jpeg","data":"AAAA"}},{"type":"file","source_type":"url","url":"https://x.org/a.pdf","mime_type":"application/pdf"}]}""")]
    [InlineData("""{"type":"human","content":[{"type":"input_audio","input_audio":{"data":"AAAA","format":"mp3"}},{"type":"hologram","depth":3}]}""")]
    [InlineData("""{"type":"human","content":[{"type":"image_url","image_url":{"url":"data:broken"}},{"type":"image","data":"no base64!"}]}""")]
    [InlineData("""{"type":"system","content":"be brief","additional_kwargs":{"__openai_role__":"developer"}}""")]
    [InlineData("""{"type":"ai","id":"2","content":"ok","response_metadata":{"finish_reason":"stop","model_name":"m"},"usage_metadata":{"input_tokens":1,"output_tokens":2,"total_tokens":3,"input_token_details":{"cache_read":1}}}""")]
    [InlineData("""{"type":"ai","content":"","tool_calls":[{"name":"search","args":{"q":"rome","deep":{"n":[1,2.5,null]}},"id":"c1","type":"tool_call"}],"invalid_tool_calls":[{"name":"x","args":"{","id":"c2","error":"bad","type":"invalid_tool_call"}]}""")]
    [InlineData("""{"type":"ai","content":[{"type":"thinking","thinking":"hm","signature":"abc"},{"type":"text","text":"so","index":1},{"type":"tool_use","id":"c1","name":"search","input":{}}],"tool_calls":[{"name":"search","args":{},"id":"c1","type":"tool_call"}]}""")]
    [InlineData("""{"type":"tool","id":"3","content":"42","tool_call_id":"c1","name":"search","status":"error","artifact":{"rows":[1]}}""")]
    [InlineData("""{"type":"tool","content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"https://x.org/a.png"}}],"tool_call_id":"c1"}""")]
    [InlineData("""{"type":"function","content":"42","name":"search"}""")]
    [InlineData("""{"type":"chat","content":"psst","role":"whisperer"}""")]
    public void A_message_comes_back_from_a_chat_client_as_it_was(string json)
    {
        var message = Message.FromJson(JsonElement.Parse(json));

        var back = message.ToChatMessage().ToMessages().ShouldHaveSingleItem();

        back.Json.GetRawText().ShouldBeJson(message.Json.GetRawText());
    }

    [Fact]
    public void A_chat_client_sees_pictures_reasoning_calls_and_results_as_what_they_are()
    {
        var human = Message.FromJson(JsonElement.Parse(
            """{"type":"human","content":[{"type":"text","text":"look"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}},{"type":"image_url","image_url":"https://x.org/a.png"}]}""")).ToChatMessage();
        var ai = Message.FromJson(JsonElement.Parse(
            """{"type":"ai","content":[{"type":"reasoning","reasoning":"hm"},{"type":"text","text":"so"}],"tool_calls":[{"name":"f","args":{"a":1},"id":"c","type":"tool_call"}]}""")).ToChatMessage();
        var tool = Message.Tool("42", "c", "f").ToChatMessage();

        human.Role.ShouldBe(ChatRole.User);
        human.Contents[0].ShouldBeOfType<TextContent>().Text.ShouldBe("look");
        human.Contents[1].ShouldBeOfType<DataContent>().MediaType.ShouldBe("image/png");
        human.Contents[2].ShouldBeOfType<UriContent>().HasTopLevelMediaType("image").ShouldBeTrue();
        ai.Role.ShouldBe(ChatRole.Assistant);
        ai.Contents[0].ShouldBeOfType<TextReasoningContent>().Text.ShouldBe("hm");
        ai.Text.ShouldBe("so");
        ai.Contents[2].ShouldBeOfType<FunctionCallContent>().Arguments!["a"].ShouldBeOfType<JsonElement>().GetInt32().ShouldBe(1);
        tool.Role.ShouldBe(ChatRole.Tool);
        var result = tool.Contents.ShouldHaveSingleItem().ShouldBeOfType<FunctionResultContent>();
        (result.CallId, result.Result).ShouldBe(("c", "42"));
    }

    [Fact]
    public void Text_that_was_changed_on_the_way_is_kept_changed()
    {
        var chat = Message
            .FromJson(
                JsonElement.Parse("""{"type":"human","content":[{"type":"text","text":"secret"},{"type":"text","text":"open"}]}"""))
            .ToChatMessage();
        ((TextContent)chat.Contents[0]).Text = "***";

        var back = chat.ToMessages()[0];

        back.Content.GetRawText().ShouldBe("""[{"type":"text","text":"***"},{"type":"text","text":"open"}]""");
    }

    [Fact]
    public void A_response_tells_usage_model_and_finish_reason_on_its_last_message()
    {
        var response = new ChatResponse(
        [
            new(
                ChatRole.Assistant,
                [new FunctionCallContent("c", "f", new Dictionary<string, object?> { ["n"] = 1, ["list"] = new[] { "a" } })])
            {
                MessageId = "m1",
            },
            new(ChatRole.Tool, [new FunctionResultContent("c", new { ok = true }), new FunctionResultContent("d", "plain")])
            {
                MessageId = "t",
            },
            new(ChatRole.Assistant, "done") { MessageId = "m2" },
        ])
        {
            Usage = new() { InputTokenCount = 12, OutputTokenCount = 5, CachedInputTokenCount = 3 },
            FinishReason = ChatFinishReason.Stop,
            ModelId = "m",
        };

        var messages = response.ToMessages();

        messages.Select(message => (message.Type, message.Id)).ShouldBe([("ai", "m1"), ("tool", "t"), ("tool", "t-2"), ("ai", "m2")]);
        messages[0].ToolCalls[0].Args.GetRawText().ShouldBe("""{"n":1,"list":["a"]}""");
        messages[0].Json.TryGetProperty("usage_metadata", out _).ShouldBeFalse();
        messages[1].Text.ShouldBe("""{"ok":true}""");
        messages[3].Json.GetProperty("response_metadata").GetRawText().ShouldBe("""{"finish_reason":"stop","model_name":"m"}""");
        messages[3].Json.GetProperty("usage_metadata").GetRawText().ShouldBe(
            """{"input_tokens":12,"output_tokens":5,"total_tokens":17,"input_token_details":{"cache_read":3},"output_token_details":{}}""");
    }

    [Fact]
    public void A_call_whose_arguments_are_no_json_is_an_invalid_call()
    {
        var chat = new ChatMessage(ChatRole.Assistant, [new FunctionCallContent("c", "f") { Exception = new FormatException("cut off") }]);

        var message = chat.ToMessages()[0];

        message.ToolCalls.ShouldBeEmpty();
        message.Json.GetProperty("invalid_tool_calls")[0].Text("error").ShouldBe("cut off");
    }

    [Fact]
    public void Content_without_a_name_among_blocks_survives()
    {
        var chat = new ChatMessage(ChatRole.Assistant, [new TextContent("a"), new HostedVectorStoreContent("v")]);

        var back = chat.ToMessages()[0].ToChatMessage();

        back.Contents[1].ShouldBeOfType<HostedVectorStoreContent>().VectorStoreId.ShouldBe("v");
    }
}
