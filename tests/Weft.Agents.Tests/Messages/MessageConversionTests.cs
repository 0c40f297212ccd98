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
    [InlineData("""{"type":"human","content":[{"type":"text-plain","text":"a,b","mime_type":"text/csv"},{"type":"text-plain","base64":"YSxi","mime_type":"text/csv","title":"t"},{"type":"file","source_type":"text","text":"a"},{"type":"video","url":"https://x.org/a.mp4","extras":{"fps":30}}]}""")]
    [InlineData("""{"type":"human","content":[{"type":"image","source_type":"id","id":"f1","mime_type":"image/png"},{"type":"audio","file_id":"f2"},{"type":"file","file":{"file_id":"f3"}},{"type":"image","base64":"AAAA","mimeType":"image/png","metadata":{"filename":"a.png"}}]}""")]
    [InlineData("""{"type":"ai","content":[{"type":"text","text":"so","annotations":[{"type":"citation","url":"https://x.org","title":"X","start_index":0,"end_index":2,"confidence":1},{"type":"url_citation","url":"no address","start_index":9999999999}]},{"type":"redacted_thinking","data":"abc"},{"type":"reasoning","id":"r","summary":[{"type":"summary_text","text":"hm"}],"encrypted_content":"x"}]}""")]
    [InlineData("""{"type":"ai","content":[{"type":"server_tool_call","id":"s","name":"web_search","args":{"q":"rome"}},{"type":"server_tool_result","tool_call_id":"s","status":"success","output":[1]},{"type":"server_tool_call_result","toolCallId":"s","status":"error","output":{}},{"type":"non_standard","value":{"a":1}},{"type":"invalid_tool_call","name":"f","args":"{","id":"c","error":"e"},{"type":"tool_call_chunk","args":"{","index":2}]}""")]
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
    public void A_chat_client_sees_files_citations_and_hidden_reasoning_in_all_versions_of_the_blocks()
    {
        var human = Message.FromJson(JsonElement.Parse(
            """{"type":"human","content":[{"type":"text-plain","text":"a,b","mime_type":"text/csv"},{"type":"text-plain","base64":"YSxi"},{"type":"file","source_type":"text","text":"c"},{"type":"image","source_type":"id","id":"f1","mime_type":"image/png"},{"type":"file","file":{"file_id":"f3","filename":"b.pdf"}},{"type":"file","base64":"AAAA","mime_type":"application/pdf","extras":{"filename":"c.pdf"}}]}""")).ToChatMessage();
        var ai = Message.FromJson(JsonElement.Parse(
            """{"type":"ai","content":[{"type":"text","text":"so","annotations":[{"type":"citation","url":"https://x.org/","title":"X","cited_text":"q","start_index":0,"end_index":2},{"startIndex":1,"endIndex":1}]},{"type":"redacted_thinking","data":"abc"},{"type":"reasoning","summary":[{"type":"summary_text","text":"hm"},{"text":"so"}],"encrypted_content":"x"}]}""")).ToChatMessage();

        human.Contents[0].ShouldBeOfType<TextContent>().Text.ShouldBe("a,b");
        human.Contents[1].ShouldBeOfType<DataContent>().MediaType.ShouldBe("text/plain");
        human.Contents[2].ShouldBeOfType<TextContent>().Text.ShouldBe("c");
        var image = human.Contents[3].ShouldBeOfType<HostedFileContent>();
        (image.FileId, image.MediaType).ShouldBe(("f1", "image/png"));
        var file = human.Contents[4].ShouldBeOfType<HostedFileContent>();
        (file.FileId, file.Name).ShouldBe(("f3", "b.pdf"));
        human.Contents[5].ShouldBeOfType<DataContent>().Name.ShouldBe("c.pdf");
        var cited = ai.Contents[0].Annotations!.Cast<CitationAnnotation>().ToList();
        (cited[0].Url!.OriginalString, cited[0].Title, cited[0].Snippet).ShouldBe(("https://x.org/", "X", "q"));
        var region = cited[1].AnnotatedRegions!.ShouldHaveSingleItem().ShouldBeOfType<TextSpanAnnotatedRegion>();
        (region.StartIndex, region.EndIndex).ShouldBe((1, 1));
        var hidden = ai.Contents[1].ShouldBeOfType<TextReasoningContent>();
        (hidden.Text, hidden.ProtectedData).ShouldBe(("", "abc"));
        var summary = ai.Contents[2].ShouldBeOfType<TextReasoningContent>();
        (summary.Text, summary.ProtectedData).ShouldBe(("hm\n\nso", "x"));
    }

    [Fact]
    public void Citations_are_annotations_of_their_text_also_if_they_come_after_it()
    {
        var region = new TextSpanAnnotatedRegion { StartIndex = 0, EndIndex = 2 };
        var citation = new CitationAnnotation
        {
            Url = new Uri("https://x.org/a"),
            Title = "X",
            Snippet = "q",
            FileId = "f",
            ToolName = "search",
            AnnotatedRegions = [region],
        };
        var chat = new ChatMessage(
            ChatRole.Assistant,
            [
                new TextContent("so"), new TextContent("") { Annotations = [citation] }, new TextContent("") { Annotations = [new AIAnnotation()] },
                new TextContent("then"),
            ]);

        chat.ToMessages()[0].Content.GetRawText().ShouldBe(
            """[{"type":"text","text":"so","annotations":[{"type":"citation","url":"https://x.org/a","title":"X","cited_text":"q","file_id":"f","tool_name":"search","start_index":0,"end_index":2},{"type":"non_standard_annotation"}]},{"type":"text","text":"then"}]""");
    }

    [Fact]
    public void Calls_of_tools_that_the_provider_runs_are_standard_blocks_and_come_back_whole()
    {
        var call = new McpServerToolCallContent("s1", "look", "docs") { Arguments = new Dictionary<string, object?> { ["q"] = "rome" } };
        var result = new McpServerToolResultContent("s1") { Outputs = [new TextContent("found")] };
        var message = new ChatMessage(ChatRole.Assistant, [call, result, new TextContent("ok")]).ToMessages().ShouldHaveSingleItem();

        var blocks = message.Content;
        (blocks[0].Text("type"), blocks[0].Text("id"), blocks[0].Text("name")).ShouldBe(("server_tool_call", "s1", "look"));
        blocks[0].GetProperty("args").GetRawText().ShouldBe("""{"q":"rome"}""");
        (blocks[1].Text("type"), blocks[1].Text("tool_call_id"), blocks[1].Text("status")).ShouldBe(("server_tool_result", "s1", "success"));

        var back = message.ToChatMessage();
        back.Contents[0].ShouldBeOfType<McpServerToolCallContent>().ServerName.ShouldBe("docs");
        back.Contents[1].ShouldBeOfType<McpServerToolResultContent>().Outputs!.ShouldHaveSingleItem().ShouldBeOfType<TextContent>().Text.ShouldBe("found");
        back.ToMessages()[0].Json.GetRawText().ShouldBeJson(message.Json.GetRawText());
    }

    [Fact]
    public void Approvals_errors_and_files_of_a_provider_come_back_whole()
    {
        var call = new FunctionCallContent("c", "pay", new Dictionary<string, object?> { ["euros"] = 5 });
        var chat = new ChatMessage(
            ChatRole.Assistant,
            [
                new ToolApprovalRequestContent("r", call), new ErrorContent("too long") { ErrorCode = "length" },
                new HostedFileContent("f") { MediaType = "text/csv", Name = "a.csv" },
            ]);

        var message = chat.ToMessages()[0];
        var back = message.ToChatMessage();

        message.ToolCalls.ShouldBeEmpty();
        back.Contents[0].ShouldBeOfType<ToolApprovalRequestContent>().ToolCall.ShouldBeOfType<FunctionCallContent>().Name.ShouldBe("pay");
        back.Contents[1].ShouldBeOfType<ErrorContent>().ErrorCode.ShouldBe("length");
        var file = back.Contents[2].ShouldBeOfType<HostedFileContent>();
        (file.FileId, file.MediaType, file.Name).ShouldBe(("f", "text/csv", "a.csv"));
        message.Content[2].GetRawText().ShouldBe(
            """{"type":"file","source_type":"id","id":"f","file_id":"f","mime_type":"text/csv","filename":"a.csv"}""");
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
            Usage = new() { InputTokenCount = 12, OutputTokenCount = 5, CachedInputTokenCount = 3, ReasoningTokenCount = 2, AdditionalCounts = new() { ["CacheCreationInputTokens"] = 4 } },
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
            """{"input_tokens":12,"output_tokens":5,"total_tokens":17,"input_token_details":{"cache_read":3,"cache_creation":4},"output_token_details":{"reasoning":2}}""");
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
