namespace Weft.Server.Tests.Platform;

/// <summary>The OpenAPI document describes each answer exactly, although other code writes the answers.</summary>
[Collection("Assistants of the shared server")]
public sealed class AnswerSchemaTests(SharedServer shared) : ServerTests(shared)
{
    private const string Outer = """{"assistant_id":"outer","input":{}}""";
    private const string Key = """{"namespace":["schemas"],"key":"k","value":{"a":1}}""";

    [Fact]
    public async Task Each_answer_has_the_members_that_the_openapi_document_describes()
    {
        var schemas = new AnswerSchemas((await Root.GetAsync("/openapi.json")).ShouldBeOk().Json);
        foreach (var prefix in (string[])["", "/api"])
        {
            await CallSystemAsync(new Caller(Root, schemas, prefix));
            await CallThreadsAsync(new Caller(Root, schemas, prefix));
            await CallRunsAsync(new Caller(Root, schemas, prefix));
            await CallStatelessRunsAsync(new Caller(Root, schemas, prefix), "/runs");
            await CallCronsAsync(new Caller(Root, schemas, prefix));
            await CallWebhooksAsync(new Caller(Root, schemas, prefix));
            await CallOverviewAsync(new Caller(Root, schemas, prefix));
            await CallOpenAiAsync(new Caller(Root, schemas, prefix));
            await CallJsonRpcAsync(new Caller(Root, schemas, prefix));
        }

        await CallStatelessRunsAsync(new Caller(Root, schemas, "/api"), "/threads/runs");
        schemas.NotCalled.ShouldBeEmpty();
    }

    [Fact]
    public async Task Resources_have_the_names_that_the_platform_documents()
    {
        var document = (await Root.GetAsync("/openapi.json")).ShouldBeOk().Json;
        var names = document.GetProperty("components").GetProperty("schemas").Names();
        foreach (var name in (string[])[
            "Assistant", "Cron", "GraphSchema", "Run", "Thread", "ThreadState", "ThreadStateUpdateResponse", "CheckpointConfig", "Item",
            "SearchItemsResponse", "ListNamespaceResponse"])
        {
            names.ShouldContain(name);
        }

        names.ShouldAllBe(name => !name.EndsWith("Resource", StringComparison.Ordinal));
    }

    private static async Task CallSystemAsync(Caller call)
    {
        await call.GetAsync("/ok");
        await call.GetAsync("/info");
        await call.PostAsync("/assistants/search", "{}");
        await call.PostAsync("/assistants/count", "{}");
        await call.GetAsync("/assistants/{assistant_id}", "echo");
        await call.GetAsync("/assistants/{assistant_id}", "nobody");
        var assistant = (await call.PostAsync("/assistants", """{"graph_id":"echo","config":{"tags":["a"]}}""")).String("assistant_id");
        await call.PostAsync("/assistants", """{"graph_id":"nobody"}""");
        await call.PatchAsync("/assistants/{assistant_id}", """{"name":"second"}""", assistant);
        await call.PostAsync("/assistants/{assistant_id}/versions", "{}", assistant);
        await call.PostAsync("/assistants/{assistant_id}/latest", """{"version":1}""", assistant);
        await call.DeleteAsync("/assistants/{assistant_id}", assistant);
        await call.DeleteAsync("/assistants/{assistant_id}", "echo");
        foreach (var graph in (string[])["outer", "nested", "workflow", "configured", "steered"])
        {
            await call.GetAsync("/assistants/{assistant_id}/graph", graph);
            await call.GetAsync("/assistants/{assistant_id}/schemas", graph);
            await call.GetAsync("/assistants/{assistant_id}/subgraphs", graph);
        }

        await call.GetAsync("/assistants/{assistant_id}/subgraphs/{namespace}", "outer", "sub");
        await call.PutAsync("/store/items", Key);
        await call.QueryAsync("/store/items", "?namespace=schemas&key=k");
        await call.QueryAsync("/store/items", "?namespace=schemas&key=missing");
        await call.PostAsync("/store/items/search", """{"namespace_prefix":["schemas"]}""");
        await call.PostAsync("/store/namespaces", "{}");
        await call.DeleteBodyAsync("/store/items", Key);
        await call.PostAsync("/agui/{assistant_id}", AgUiCalls.Body(NewId()), "echo");
        // The shared server has no user interface.
        await call.PostAsync("/ui/{assistant_id}", """{"name":"card"}""", "echo");
        await call.GetAsync("/ui/{assistant_id}/{file}", "echo", "card.js");
    }

    private static async Task CallThreadsAsync(Caller call)
    {
        var thread = (await call.PostAsync("/threads", """{"ttl":60}""")).String("thread_id");
        await call.PostAsync("/threads/{thread_id}/runs/wait", Outer, thread);
        // Other threads of the shared server may have states that nest too deep to be read here.
        await call.PostAsync("/threads/search", $$$"""{"ids":["{{{thread}}}"],"extract":{"first":"values.trail[0]"}}""");
        await call.PostAsync("/threads/count", "{}");
        await call.QueryAsync("/threads/{thread_id}", "?include=ttl", thread);
        await call.GetAsync("/threads/{thread_id}", NewId());
        await call.PatchAsync("/threads/{thread_id}", """{"metadata":{"a":1}}""", thread);
        var copy = (await call.PostAsync("/threads/{thread_id}/copy", null, thread)).String("thread_id");
        await call.PostAsync("/threads/prune", $$"""{"thread_ids":["{{copy}}"]}""");
        await call.GetAsync("/threads/{thread_id}/state", thread);
        await call.GetAsync("/threads/{thread_id}/state", (await call.PostAsync("/threads", "{}")).String("thread_id"));
        var state = await call.QueryAsync("/threads/{thread_id}/state", "?subgraphs=true", thread);
        var checkpoint = state.Json.CheckpointId();
        await call.GetAsync("/threads/{thread_id}/state/{checkpoint_id}", thread, checkpoint);
        await call.PostAsync("/threads/{thread_id}/state/checkpoint", $$$"""{"checkpoint":{"checkpoint_id":"{{{checkpoint}}}"}}""", thread);
        await call.PostAsync("/threads/{thread_id}/state", """{"values":{"trail":["edited"]}}""", thread);
        await call.PatchAsync("/threads/{thread_id}/state", """{"metadata":{"a":1}}""", thread);
        await call.GetAsync("/threads/{thread_id}/history", thread);
        await call.GetAsync("/threads/{thread_id}/storage", thread);
        await call.GetAsync("/threads/{thread_id}/storage", NewId());
        await call.GetAsync("/weft/threads/{thread_id}/usage", thread);
        await call.GetAsync("/weft/threads/{thread_id}/usage", NewId());
        await call.PostAsync("/threads/{thread_id}/history", "{}", thread);
        await call.GetAsync("/threads/{thread_id}/stream", thread);
        await call.PostAsync("/threads/{thread_id}/commands", """{"id":1,"method":"state.get"}""", thread);
        await call.PostAsync("/threads/{thread_id}/commands", """{"id":1,"method":"no.such"}""", thread);
        await call.PostAsync("/threads/{thread_id}/commands", "[]", thread);
        await call.PostAsync("/threads/{thread_id}/stream/events", """{"channels":["values"]}""", thread);
        await call.DeleteAsync("/threads/{thread_id}", thread);
    }

    private static async Task CallRunsAsync(Caller call)
    {
        var thread = (await call.PostAsync("/threads", "{}")).String("thread_id");
        var run = (await call.PostAsync("/threads/{thread_id}/runs", Bodies.Echo(), thread)).String("run_id");
        await call.GetAsync("/threads/{thread_id}/runs/{run_id}/join", thread, run);
        await call.GetAsync("/threads/{thread_id}/runs/{run_id}", thread, run);
        await call.GetAsync("/threads/{thread_id}/runs", thread);
        await call.GetAsync("/threads/{thread_id}/queue", thread);
        await call.GetAsync("/threads/{thread_id}/runs/{run_id}/stream", thread, run);
        await call.PostAsync("/threads/{thread_id}/runs/{run_id}/cancel", null, thread, run);
        await call.PostAsync("/threads/{thread_id}/runs/stream", Bodies.Echo(), thread);
        await call.GetAsync("/weft/threads/{thread_id}/runs/{run_id}/events", thread, run);
        await call.GetAsync("/weft/threads/{thread_id}/runs/{run_id}/timeline", thread, run);
        await CallFeedbackAsync(call, thread, run);
        if (call.IsGateway)
        {
            await call.PostAsync("/threads/{thread_id}/runs/{run_id}/stream", null, thread, run);
            await call.GetAsync("/threads/{thread_id}/runs/{run_id}/messages", thread, run);
        }

        await call.PostAsync("/threads/{thread_id}/runs/wait", Bodies.Failing(), thread);
        await call.GetAsync("/threads/{thread_id}", thread);
        await call.DeleteAsync("/threads/{thread_id}/runs/{run_id}", thread, run);
    }

    private static async Task CallFeedbackAsync(Caller call, string thread, string run)
    {
        const string Score = """{"score":0.5,"value":{"a":1},"correction":"b","metadata":{"c":2}}""";
        var ofScore = (await call.PostAsync("/threads", "{}")).String("thread_id");
        using var stream = await call.OpenAsync(
            "/threads/{thread_id}/runs/stream", Bodies.Echo(more: ",\"feedback_keys\":[\"k\"]"), ofScore);
        var scored = stream.Ids().RunId;
        var token = (await stream.UntilAsync("feedback")).Json.Text("k").Split('/')[^1];
        await call.PostAsync("/feedback/tokens/{token}", Score, token);
        await call.PostAsync("/feedback/tokens/{token}", Score, "forged");
        await call.GetAsync("/weft/threads/{thread_id}/runs/{run_id}/feedback", ofScore, scored);
        if (call.IsGateway)
        {
            await call.PostAsync("/threads/{thread_id}/suggestions", """{"messages":[{"role":"user","content":"hi"}]}""", thread);
            await call.PostAsync("/threads/{thread_id}/suggestions", "{}", thread);
            const string Feedback = "/threads/{thread_id}/runs/{run_id}/feedback";
            await call.PutAsync(Feedback, """{"rating":1}""", thread, run);
            var id = (await call.PostAsync(Feedback, """{"rating":-1,"comment":"a","message_id":"b"}""", thread, run)).String("feedback_id");
            await call.PostAsync(Feedback, """{"rating":2}""", thread, run);
            await call.GetAsync(Feedback, thread, run);
            await call.GetAsync(Feedback + "/stats", thread, run);
            await call.GetAsync("/weft" + Feedback, thread, run);
            await call.DeleteAsync(Feedback + "/{feedback_id}", thread, run, id);
            await call.DeleteAsync(Feedback + "/{feedback_id}", thread, run, id);
            await call.DeleteAsync(Feedback, thread, run);
        }
    }

    private static async Task CallStatelessRunsAsync(Caller call, string runs)
    {
        var run = (await call.PostAsync(runs, Bodies.Echo(more: ",\"on_completion\":\"keep\""))).String("run_id");
        await call.PostAsync(runs + "/stream", Bodies.Echo());
        await call.PostAsync(runs + "/wait", Bodies.Echo());
        await call.PostAsync(runs + "/wait", """{"assistant_id":"nobody"}""");
        if (runs == "/runs")
        {
            await call.PostAsync(runs + "/batch", $"[{Bodies.Echo()}]");
            await call.PostAsync(runs + "/cancel", $$"""{"thread_id":"{{NewId()}}","run_ids":["{{run}}"]}""");
            await call.PostAsync(runs + "/cancel", $$"""{"thread_id":"{{NewId()}}","run_ids":[]}""");
            await call.GetAsync(runs + "/{run_id}/stream", run);
        }
    }

    private static async Task CallCronsAsync(Caller call)
    {
        var thread = (await call.PostAsync("/threads", "{}")).String("thread_id");
        var body = Bodies.Echo(more: ""","schedule":"0 0 * * *","metadata":{"m":1},"end_time":"2100-01-01T00:00:00Z" """);
        await call.PostAsync("/threads/{thread_id}/runs/crons", body, thread);
        await call.PostAsync("/threads/{thread_id}/runs/crons", body, NewId());
        var cron = (await call.PostAsync("/runs/crons", body)).String("cron_id");
        await call.PostAsync("/runs/crons", "{}");
        await call.GetAsync("/runs/crons/{cron_id}", cron);
        await call.PatchAsync("/runs/crons/{cron_id}", """{"enabled":false,"end_time":null}""", cron);
        await call.PostAsync("/runs/crons/search", "{}");
        await call.PostAsync("/runs/crons/count", "{}");
        await call.DeleteAsync("/runs/crons/{cron_id}", cron);
        await call.DeleteAsync("/runs/crons/{cron_id}", cron);
    }

    private static async Task CallWebhooksAsync(Caller call)
    {
        var run = await call.PostAsync("/runs", Bodies.Echo(more: ""","webhook":"/hook/none" """));
        var path = "/weft/webhooks/{run_id}";
        var id = run.String("run_id");
        await Waiting.Until(
            async () => (await call.GetAsync(path, id)) is { Status: 200 } found && found.Json.GetProperty("attempts").GetArrayLength() > 0,
            "the webhook to be called");
        await call.GetAsync("/weft/webhooks");
        await call.PostAsync(path + "/resend", null, id);
        await call.PostAsync(path + "/resend", null, NewId());
    }

    private static async Task CallOverviewAsync(Caller call)
    {
        await call.PostAsync("/threads/{thread_id}/runs", Bodies.Echo(more: ",\"after_seconds\":600,\"if_not_exists\":\"create\""), NewId());
        await call.PostAsync("/weft/runs/search", "{}");
        var thread = (await call.PostAsync("/threads", "{}")).String("thread_id");
        await call.PostAsync("/threads/{thread_id}/runs/wait", Bodies.Echo(), thread);
        await call.GetAsync("/weft/threads/{thread_id}/messages", thread);
        await call.PostAsync("/weft/runs/count", "{}");
        await call.GetAsync("/weft/events");
        await call.GetAsync("/weft/server");
    }

    private static async Task CallOpenAiAsync(Caller call)
    {
        const string Chat = """{"model":"echo","messages":[{"role":"user","content":"hi"}]}""";
        const string Response = """{"model":"echo","input":"hi"}""";
        await call.GetAsync("/v1/models");
        await call.GetAsync("/v1/models/{model}", "echo");
        await call.GetAsync("/v1/models/{model}", "nobody");
        await call.PostAsync("/v1/chat/completions", Chat);
        await call.PostAsync("/v1/chat/completions", "{}");
        var id = (await call.PostAsync("/v1/responses", Response)).String("id");
        await call.GetAsync("/v1/responses/{response_id}", id);
        await call.GetAsync("/v1/responses/{response_id}/input_items", id);
        await call.PostAsync("/v1/responses/{response_id}/cancel", null, id);
        await call.DeleteAsync("/v1/responses/{response_id}", id);
        await call.GetAsync("/v1/responses/{response_id}", id);
    }

    private static async Task CallJsonRpcAsync(Caller call)
    {
        await call.PostAsync("/mcp", """{"jsonrpc":"2.0","id":1,"method":"tools/list"}""");
        await call.PostAsync("/mcp", """{"jsonrpc":"2.0","method":"notifications/initialized"}""");
        await call.PostAsync("/mcp", "[]");
        await call.GetAsync("/.well-known/agent-card.json");
        await call.QueryAsync("/.well-known/agent-card.json", "?assistant_id=echo");
        await call.GetAsync("/a2a/{assistant_id}/.well-known/agent-card.json", "echo");
        await call.GetAsync("/a2a/{assistant_id}/.well-known/agent-card.json", "nobody");
        const string Get = """{"jsonrpc":"2.0","id":1,"method":"tasks/get","params":{"id":"x"}}""";
        await call.PostAsync("/a2a/{assistant_id}", Get, "echo");
        await call.PostAsync("/a2a/{assistant_id}", Get, "nobody");
        await call.PostAsync("/a2a/{assistant_id}", "[]", "echo");
    }

    /// <summary>Calls operations below a prefix, and compares each answer with the document.</summary>
    private sealed class Caller(Api api, AnswerSchemas schemas, string prefix)
    {
        public bool IsGateway => prefix.Length > 0;

        public Task<Answer> GetAsync(string path, params string[] ids) => CallAsync(HttpMethod.Get, path, null, "", ids);

        public Task<Answer> QueryAsync(string path, string query, params string[] ids) => CallAsync(HttpMethod.Get, path, null, query, ids);

        public Task<Answer> PostAsync(string path, string? body, params string[] ids) => CallAsync(HttpMethod.Post, path, body, "", ids);

        public Task<Answer> PutAsync(string path, string body, params string[] ids) => CallAsync(HttpMethod.Put, path, body, "", ids);

        public Task<SseStream> OpenAsync(string path, string body, string id) =>
            api.StreamAsync(prefix + path.Replace("{thread_id}", id, StringComparison.Ordinal), body);

        public Task<Answer> PatchAsync(string path, string body, string id) => CallAsync(HttpMethod.Patch, path, body, "", [id]);

        public Task<Answer> DeleteAsync(string path, params string[] ids) => CallAsync(HttpMethod.Delete, path, null, "", ids);

        public Task<Answer> DeleteBodyAsync(string path, string body) => CallAsync(HttpMethod.Delete, path, body, "", []);

        private async Task<Answer> CallAsync(HttpMethod method, string path, string? body, string query, string[] ids)
        {
            var (name, described) = (method.Method.ToLowerInvariant(), prefix + path);
            var parts = described.Split('/');
            var next = 0;
            var address = string.Join('/', parts.Select(part => part.StartsWith('{') ? ids[next++] : part)) + query;
            if (schemas.IsStream(name, described))
            {
                using var stream = await api.OpenAsync(method, address, body);
                schemas.SawStream(name, described);
                return new Answer(200, "", new Dictionary<string, string>());
            }

            var answer = await api.SendAsync(method, address, body);
            schemas.Check(name, described, answer);
            return answer;
        }
    }
}
