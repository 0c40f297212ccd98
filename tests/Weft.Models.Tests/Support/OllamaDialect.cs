namespace Weft.Models.Tests;

/// <summary>Ollama's <c>/api/chat</c>: a line of JSON for each piece.</summary>
internal sealed class OllamaDialect : Dialect
{
    public override string EndpointPath => "";

    public override string CallPath => "/api/chat";

    public override string KeyHeader => "authorization";

    public override string KeyFormat => "Bearer {0}";

    public override string TelemetryName => "ollama";

    public override bool HasReasoning => true;

    public override bool HasCallIds => false;

    public override async Task AnswerAsync(ProviderCall call, Reply reply)
    {
        var calls = reply.Calls.Select(asked =>
            $$$"""{"function":{"name":"{{{asked.Tool}}}","arguments":{{{string.Concat(asked.Arguments)}}}}}""").ToList();
        const string End = ""","done":true,"done_reason":"stop","total_duration":1,"load_duration":1,"prompt_eval_count":7,"prompt_eval_duration":1,"eval_count":5,"eval_duration":1""";
        if (!call.Streams)
        {
            var thinking = reply.Reasoning.Count > 0 ? $",\"thinking\":{Json(string.Concat(reply.Reasoning))}" : "";
            await call.WriteAsync("application/json", Line($"{Text(string.Concat(reply.Text))}{thinking}{CallsOf(calls)}", End));
            return;
        }

        foreach (var thought in reply.Reasoning)
        {
            await call.SendLineAsync(Line($"{Text("")},\"thinking\":{Json(thought)}", ",\"done\":false"));
        }

        foreach (var text in reply.Text)
        {
            await BeginAsync(call, text);
        }

        if (calls.Count > 0)
        {
            await call.SendLineAsync(Line($"{Text("")}{CallsOf(calls)}", ",\"done\":false"));
        }

        await call.SendLineAsync(Line(Text(""), End));
    }

    public override Task BeginAsync(ProviderCall call, string text) => call.SendLineAsync(Line(Text(text), ",\"done\":false"));

    public override string Error(string message) => $$"""{"error":{{Json(message)}}}""";

    private static string Text(string text) => $"\"role\":\"assistant\",\"content\":{Json(text)}";

    private static string CallsOf(List<string> calls) => calls.Count > 0 ? $",\"tool_calls\":[{string.Join(',', calls)}]" : "";

    private static string Line(string message, string rest) =>
        $$"""{"model":"{{Model}}","created_at":"2025-01-01T00:00:00Z","message":{{{message}}}{{rest}}}""";
}
