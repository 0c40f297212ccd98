namespace Weft.Models.Tests;

/// <summary>Chat completions of OpenAI.</summary>
internal sealed class OpenAiDialect(
    string endpointPath, string callPath, string keyHeader, string keyFormat, string telemetryName, string? apiVersion) : Dialect
{
    public override string EndpointPath => endpointPath;

    public override string CallPath => callPath;

    public override string KeyHeader => keyHeader;

    public override string KeyFormat => keyFormat;

    public override string TelemetryName => telemetryName;

    public override bool HasReasoning => false;

    public override string? ApiVersion => apiVersion;

    public override async Task AnswerAsync(ProviderCall call, Reply reply)
    {
        var finish = reply.Calls.Count > 0 ? "tool_calls" : "stop";
        const string Usage = """{"prompt_tokens":7,"completion_tokens":5,"total_tokens":12}""";
        if (!call.Streams)
        {
            var calls = string.Join(',', reply.Calls.Select(Call));
            var annotations = string.Join(',', reply.Citations.Select(Citation));
            await call.WriteAsync(
                "application/json",
                $$"""
                {"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"{{Model}}","usage":{{Usage}},"choices":[{"index":0,
                "message":{"role":"assistant","content":{{Json(string.Concat(reply.Text))}}{{(calls.Length > 0 ? $",\"tool_calls\":[{calls}]" : "")}},"annotations":[{{annotations}}]},
                "finish_reason":"{{finish}}"}]}
                """);
            return;
        }

        foreach (var text in reply.Text)
        {
            await BeginAsync(call, text);
        }

        foreach (var (index, asked) in reply.Calls.Index())
        {
            await SendAsync(
                call,
                $$$"""{"role":"assistant","tool_calls":[{"index":{{{index}}},"id":"{{{asked.Id}}}","type":"function","function":{"name":"{{{asked.Tool}}}","arguments":""}}]}""");
            foreach (var piece in asked.Arguments)
            {
                await SendAsync(call, $$$"""{"tool_calls":[{"index":{{{index}}},"function":{"arguments":{{{Json(piece)}}}}}]}""");
            }
        }

        await SendAsync(call, "{}", $"\"{finish}\"");
        await call.SendEventAsync(Chunk("[]", Usage));
        await call.SendEventAsync("[DONE]");
    }

    public override Task BeginAsync(ProviderCall call, string text) => SendAsync(call, $$"""{"role":"assistant","content":{{Json(text)}}}""");

    private static Task SendAsync(ProviderCall call, string delta, string finish = "null") =>
        call.SendEventAsync(Chunk($$"""[{"index":0,"delta":{{delta}},"finish_reason":{{finish}}}]""", "null"));

    private static string Chunk(string choices, string usage) =>
        $$"""{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"{{Model}}","choices":{{choices}},"usage":{{usage}}}""";

    private static string Citation(ReplyCitation citation) =>
        $$$"""{"type":"url_citation","url_citation":{"start_index":0,"end_index":5,"url":{{{Json(citation.Url)}}},"title":{{{Json(citation.Title)}}}}}""";

    private static string Call(ReplyCall asked) =>
        $$$"""{"id":"{{{asked.Id}}}","type":"function","function":{"name":"{{{asked.Tool}}}","arguments":{{{Json(string.Concat(asked.Arguments))}}}}}""";
}
