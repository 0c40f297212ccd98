namespace Weft.Models.Tests;

/// <summary>Anthropic's <c>/v1/messages</c>.</summary>
internal sealed class AnthropicDialect : Dialect
{
    public override string EndpointPath => "";

    public override string CallPath => "/v1/messages";

    public override string KeyHeader => "authorization";

    public override string KeyFormat => "Bearer {0}";

    public override string TelemetryName => "anthropic";

    public override bool HasReasoning => true;

    public override async Task AnswerAsync(ProviderCall call, Reply reply)
    {
        var stop = reply.Calls.Count > 0 ? "tool_use" : "end_turn";
        if (!call.Streams)
        {
            IEnumerable<string> blocks =
            [
                .. reply.Reasoning.Count > 0 ? [$$"""{"type":"thinking","thinking":{{Json(string.Concat(reply.Reasoning))}},"signature":"c2ln"}"""] : (string[])[],
                .. reply.Text.Count > 0
                    ? [$$"""{"type":"text","text":{{Json(string.Concat(reply.Text))}},"citations":[{{string.Join(',', reply.Citations.Select(Citation))}}]}"""]
                    : (string[])[],
                .. reply.Calls.Select(asked => $$"""{"type":"tool_use","id":"{{asked.Id}}","name":"{{asked.Tool}}","input":{{string.Concat(asked.Arguments)}}}"""),
            ];
            await call.WriteAsync(
                "application/json",
                $$$"""
                {"id":"msg_1","type":"message","role":"assistant","model":"{{{Model}}}","content":[{{{string.Join(',', blocks)}}}],
                "stop_reason":"{{{stop}}}","stop_sequence":null,"usage":{"input_tokens":7,"output_tokens":5}}
                """);
            return;
        }

        await StartAsync(call);
        var index = 0;
        if (reply.Reasoning.Count > 0)
        {
            await BlockAsync(
                call,
                index++,
                """{"type":"thinking","thinking":"","signature":""}""",
                [.. reply.Reasoning.Select(text => $$"""{"type":"thinking_delta","thinking":{{Json(text)}}}"""), """{"type":"signature_delta","signature":"c2ln"}"""]);
        }

        if (reply.Text.Count > 0)
        {
            await BlockAsync(
                call,
                index++,
                """{"type":"text","text":""}""",
                [
                    .. reply.Text.Select(text => $$"""{"type":"text_delta","text":{{Json(text)}}}"""),
                    .. reply.Citations.Select(citation => $$"""{"type":"citations_delta","citation":{{Citation(citation)}}}"""),
                ]);
        }

        foreach (var asked in reply.Calls)
        {
            await BlockAsync(
                call,
                index++,
                $$$"""{"type":"tool_use","id":"{{{asked.Id}}}","name":"{{{asked.Tool}}}","input":{}}""",
                asked.Arguments.Select(piece => $$"""{"type":"input_json_delta","partial_json":{{Json(piece)}}}"""));
        }

        await call.SendEventAsync(
            $$$"""{"type":"message_delta","delta":{"stop_reason":"{{{stop}}}","stop_sequence":null},"usage":{"output_tokens":5}}""", "message_delta");
        await call.SendEventAsync("""{"type":"message_stop"}""", "message_stop");
    }

    public override async Task BeginAsync(ProviderCall call, string text)
    {
        await StartAsync(call);
        await call.SendEventAsync("""{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}""", "content_block_start");
        await call.SendEventAsync(
            $$$"""{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":{{{Json(text)}}}}}""", "content_block_delta");
    }

    private static string Citation(ReplyCitation citation) =>
        $$"""
        {"type":"web_search_result_location","url":{{Json(citation.Url)}},"title":{{Json(citation.Title)}},"cited_text":{{Json(citation.Text)}},"encrypted_index":"aQ=="}
        """;

    private static Task StartAsync(ProviderCall call) => call.SendEventAsync(
        $$$$"""
        {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"{{{{Model}}}}","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":7,"output_tokens":1}}}
        """,
        "message_start");

    private static async Task BlockAsync(ProviderCall call, int index, string block, IEnumerable<string> deltas)
    {
        await call.SendEventAsync($$"""{"type":"content_block_start","index":{{index}},"content_block":{{block}}}""", "content_block_start");
        foreach (var delta in deltas)
        {
            await call.SendEventAsync($$"""{"type":"content_block_delta","index":{{index}},"delta":{{delta}}}""", "content_block_delta");
        }

        await call.SendEventAsync($$"""{"type":"content_block_stop","index":{{index}}}""", "content_block_stop");
    }
}
