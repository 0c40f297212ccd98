using System.Net;

namespace Weft.Server.Tests.Gateway;

public sealed class RunTests(SharedServer shared) : ServerTests(shared)
{
    [Theory]
    [InlineData("""{"context":{"thinking_enabled":true,"model_name":"large","other":1}}""")]
    [InlineData("""{"config":{"context":{"thinking_enabled":true,"model_name":"large","other":1}}}""")]
    public async Task What_clients_choose_in_the_context_reaches_the_configuration_too(string more)
    {
        var thread = NewId();
        var body = $$$"""{"assistant_id":"configured","input":{},{{{more[1..]}}}""";

        var values = (await Gateway.PostAsync($"/threads/{thread}/runs/wait", body)).ShouldBeOk().Json;

        var configurable = values.GetProperty("configurable");
        configurable.GetProperty("thinking_enabled").GetBoolean().ShouldBeTrue();
        configurable.Text("model_name").ShouldBe("large");
        configurable.Text("agent_name").ShouldBe("configured");
        configurable.Names().ShouldNotContain("other");
        values.GetProperty("context").ShouldBeJson("""{"thinking_enabled":true,"model_name":"large","other":1}""");
        var metadata = (await Gateway.GetAsync($"/threads/{thread}/state")).Json.GetProperty("metadata");
        metadata.GetProperty("thinking_enabled").GetBoolean().ShouldBeTrue();
        metadata.Text("agent_name").ShouldBe("configured");
    }

    [Fact]
    public async Task The_configuration_of_the_body_counts_before_its_context()
    {
        var body =
            """{"assistant_id":"unwritable-beside","input":{},"config":{"configurable":{"model_name":"own","agent_name":"own"}},"context":{"model_name":"other","mode":null}}""";
        var own = (await Gateway.PostAsync("/threads/runs", body))
            .ShouldBeOk()
            .Json.GetProperty("kwargs")
            .GetProperty("config")
            .GetProperty("configurable");
        (own.Text("model_name"), own.Text("agent_name")).ShouldBe(("own", "own"));
        own.Names().ShouldNotContain("mode");

        var named = (await Gateway.PostAsync("/threads/runs", """{"assistant_id":"unwritable-beside","input":{}}"""))
            .ShouldBeOk()
            .Json.GetProperty("kwargs");
        named.GetProperty("config").GetProperty("configurable").Text("agent_name").ShouldBe("unwritable-beside");
        (await Gateway.PostAsync("/threads/runs", """{"input":null}""")).ShouldBeOk().Text.ShouldNotContain("agent_name");
        (await Root.PostAsync("/runs", """{"assistant_id":"echo","input":{},"context":{"model_name":"x"}}"""))
            .ShouldBeOk()
            .Json.GetProperty("kwargs")
            .GetProperty("config")
            .ToString()
            .ShouldNotContain("model_name");
    }

    [Fact]
    public async Task A_thread_whose_id_is_a_uuid_is_the_same_in_upper_case()
    {
        var (upper, lower) = (NewId().ToUpperInvariant(), NewId());
        (await Gateway.PostAsync($"/threads/{upper}/runs/wait", Bodies.Echo())).ShouldBeOk();
        (await Gateway.PostAsync($"/threads/{lower}/runs/wait", Bodies.Echo())).ShouldBeOk();

        foreach (var (api, id) in ((Api, string)[])[(Root, upper), (Gateway, upper), (Root, upper.ToLowerInvariant()), (Gateway, lower.ToUpperInvariant()), (Root, lower.ToUpperInvariant())])
        {
            (await api.GetAsync($"/threads/{id}")).ShouldBeOk().String("thread_id").ShouldBe(id.ToLowerInvariant());
        }

        (await Gateway.PostAsync("/threads", """{"thread_id":"Not-A-Uuid"}""")).ShouldBeOk().String("thread_id").ShouldBe("Not-A-Uuid");
    }

    [Fact]
    public async Task Creating_a_run_answers_its_record_and_where_it_is()
    {
        var answer = (await Gateway.PostAsync("/threads/my_thread-1/runs", Bodies.Echo(more: ""","metadata":{"team":"a"}"""))).ShouldBeOk();

        var run = answer.Json;
        answer.Header("Content-Type").ShouldBe("application/json");
        answer.Header("Content-Location").ShouldBe("/api/threads/my_thread-1/runs/" + run.Text("run_id"));
        run.Text("thread_id").ShouldBe("my_thread-1");
        run.Text("status").ShouldBe("pending");
        run.GetProperty("metadata").Text("team").ShouldBe("a");
        run.Text("multitask_strategy").ShouldBe("reject");
        run.GetProperty("assistant_id").GetString().ShouldNotBeNull();
        DateTimeOffset.Parse(run.Text("created_at"), null).ShouldBe(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(1));
        DateTimeOffset.Parse(run.Text("updated_at"), null).ShouldBe(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task Every_field_of_the_gateway_is_accepted()
    {
        var body = """
            {
              "assistant_id": "echo", "follow_up_to_run_id": "0198c7f3-0b7e-7d11-8a55-2f6a1c0d9e33", "input": {"messages": []}, "command": null, "metadata": {"a": 1},
              "config": {"recursion_limit": 7, "tags": ["x"], "configurable": {"b": 2}}, "context": {"model_name": "small"}, "webhook": null,
              "checkpoint_id": null, "checkpoint": {}, "interrupt_before": ["answer"], "interrupt_after": "*", "stream_mode": "values", "stream_subgraphs": true,
              "stream_resumable": true, "on_disconnect": "continue", "on_completion": "keep", "multitask_strategy": "enqueue", "after_seconds": 0,
              "if_not_exists": "create", "feedback_keys": ["k"], "not_in_the_gateway": {"x": []}
            }
            """;

        var run = (await Gateway.PostAsync($"/threads/{NewId()}/runs", body)).ShouldBeOk().Json;

        run.Text("multitask_strategy").ShouldBe("enqueue");
    }

    [Fact]
    public async Task Null_and_absent_mean_the_same()
    {
        var body = """
            {
              "assistant_id": null, "follow_up_to_run_id": null, "input": {"messages": "hi"}, "command": null, "metadata": null, "config": null, "context": null, "webhook": null,
              "checkpoint_id": null, "checkpoint": null, "interrupt_before": null, "interrupt_after": null, "stream_mode": null, "stream_resumable": null,
              "after_seconds": null, "feedback_keys": null
            }
            """;

        (await Gateway.PostAsync($"/threads/{NewId()}/runs/wait", body)).ShouldBeOk().Json.Texts().ShouldBe(["hi", "echo: hi"]);
    }

    [Fact]
    public async Task Without_an_assistant_the_first_graph_runs_and_an_unknown_thread_is_created()
    {
        var thread = NewId();

        (await Gateway.PostAsync($"/threads/{thread}/runs/wait", """{"input":{"messages":"hi"}}"""))
            .ShouldBeOk()
            .Json.Texts()
            .ShouldBe(["hi", "echo: hi"]);

        (await Root.GetAsync($"/threads/{thread}")).ShouldBeOk().String("status").ShouldBe("idle");
    }

    [Fact]
    public async Task An_unknown_thread_is_refused_when_the_body_says_so() =>
        (await Gateway.PostAsync($"/threads/{NewId()}/runs", Bodies.Echo(more: ""","if_not_exists":"reject" """)))
            .ShouldBe(HttpStatusCode.NotFound);

    [Fact]
    public async Task By_default_a_busy_thread_rejects_another_run()
    {
        var thread = NewId();
        var gate = Gates.New();
        await Gateway.PostAsync($"/threads/{thread}/runs", Bodies.Gated(gate));

        var answer = await Gateway.PostAsync($"/threads/{thread}/runs", Bodies.Echo());

        answer.ShouldBe(HttpStatusCode.Conflict);
        answer.Detail.ShouldContain(thread);
        (await Gateway.GetAsync($"/threads/{thread}/runs")).Json.GetArrayLength().ShouldBe(1);
        gate.Open();
    }

    [Fact]
    public async Task A_run_can_be_read_until_it_is_deleted()
    {
        var thread = NewId();
        var wait = await Gateway.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo());
        var path = wait.RunPath;

        var run = (await Gateway.GetAsync(path)).ShouldBeOk().Json;
        run.Text("status").ShouldBe("success");
        run.Text("thread_id").ShouldBe(thread);

        (await Gateway.DeleteAsync(path)).ShouldBeOk().Text.ShouldBe("""{"deleted":true}""");
        (await Gateway.GetAsync(path)).ShouldBe(HttpStatusCode.NotFound).Detail.ShouldBe($"Run {run.Text("run_id")} not found");
        (await Gateway.DeleteAsync(path)).ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Deleting_a_run_that_executes_cancels_it_first()
    {
        var gate = Gates.New();
        var path = (await Gateway.PostAsync($"/threads/{NewId()}/runs", Bodies.Gated(gate))).RunPath;
        await gate.EnteredAsync();

        (await Gateway.DeleteAsync(path)).ShouldBeOk().Text.ShouldBe("""{"deleted":true}""");

        await gate.CancelledAsync();
        (await Gateway.GetAsync(path)).ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task The_runs_of_a_thread_are_listed_newest_first_by_page_and_by_status()
    {
        var thread = NewId();
        var ids = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            ids.Insert(0, (await Gateway.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo())).RunId);
        }

        var gate = Gates.New();
        ids.Insert(0, (await Gateway.PostAsync($"/threads/{thread}/runs", Bodies.Gated(gate))).String("run_id"));
        await gate.EnteredAsync();

        async Task<string[]> ListAsync(string query) =>
            [
                .. (await Gateway.GetAsync($"/threads/{thread}/runs{query}"))
                    .ShouldBeOk()
                    .Json.EnumerateArray()
                    .Select(run => run.Text("run_id")),
            ];

        (await ListAsync("")).ShouldBe(ids);
        (await ListAsync("?limit=2&offset=1")).ShouldBe(ids[1..3]);
        (await ListAsync("?status=running")).ShouldBe(ids[..1]);
        (await ListAsync("?status=success&limit=1&offset=2")).ShouldBe(ids[3..]);
        (await ListAsync("?status=success&offset=3")).ShouldBeEmpty();
        (await ListAsync("?status=no_such_status")).ShouldBeEmpty();
        gate.Open();
    }

    [Fact]
    public async Task A_list_has_up_to_100_runs_by_default()
    {
        var thread = NewId();
        for (var i = 0; i < 11; i++)
        {
            await Gateway.PostAsync($"/threads/{thread}/runs", Bodies.Echo(more: ""","multitask_strategy":"enqueue" """));
        }

        (await Gateway.GetAsync($"/threads/{thread}/runs")).Json.GetArrayLength().ShouldBe(11);
        (await Root.GetAsync($"/threads/{thread}/runs")).Json.GetArrayLength().ShouldBe(10);
    }

    [Fact]
    public async Task A_thread_that_is_unknown_has_no_runs() =>
        (await Gateway.GetAsync($"/threads/{NewId()}/runs")).ShouldBeOk().Text.ShouldBe("[]");

    [Theory]
    [InlineData("GET", "")]
    [InlineData("GET", "/messages")]
    [InlineData("GET", "/join")]
    [InlineData("GET", "/stream")]
    [InlineData("POST", "/stream")]
    [InlineData("POST", "/stream?action=interrupt")]
    [InlineData("POST", "/cancel")]
    [InlineData("DELETE", "")]
    public async Task A_run_that_is_unknown_or_another_threads_is_not_found(string method, string path)
    {
        var run = (await Gateway.PostAsync($"/threads/{NewId()}/runs/wait", Bodies.Echo())).RunId;

        foreach (var id in (string[])[run, NewId(), "not-an-id"])
        {
            var answer = await Gateway.SendAsync(new HttpMethod(method), $"/threads/{NewId()}/runs/{id}{path}", null);
            answer.ShouldBe(HttpStatusCode.NotFound).Text.ShouldBe($$"""{"detail":"Run {{id}} not found"}""");
        }
    }

    [Fact]
    public async Task The_messages_of_a_run_come_in_order()
    {
        var thread = NewId();
        await Gateway.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo("first"));
        var path = (await Gateway.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo("second"))).RunPath;

        var answer = (await Gateway.GetAsync(path + "/messages")).ShouldBeOk().Json;

        answer.GetProperty("hasMore").GetBoolean().ShouldBeFalse();
        var rows = answer.GetProperty("data").EnumerateArray().ToList();
        rows.Select(row => row.GetProperty("content").Text("content")).ShouldBe(["second", "echo: second"]);
        rows.Select(row => row.GetProperty("content").Text("type")).ShouldBe(["human", "ai"]);
        rows.Select(row => row.Text("run_id")).Distinct().ShouldBe([path.Split('/')[^1]]);
        rows[0].Names().ShouldBe(["run_id", "content", "metadata", "created_at", "seq"], ignoreOrder: true);
        rows[0].GetProperty("seq").GetInt64().ShouldBeLessThan(rows[1].GetProperty("seq").GetInt64());
    }

    [Fact]
    public async Task The_messages_of_a_run_come_in_pages()
    {
        var body = """{"assistant_id":"echo","input":{"messages":["a","b","c","d"]}}""";
        var path = (await Gateway.PostAsync($"/threads/{NewId()}/runs/wait", body)).RunPath + "/messages";
        var seqs = (await Gateway.GetAsync(path))
            .Json.GetProperty("data")
            .EnumerateArray()
            .Select(row => row.GetProperty("seq").GetInt64())
            .ToList();
        seqs.Count.ShouldBe(5);

        async Task<string> PageAsync(string query)
        {
            var page = (await Gateway.GetAsync(path + query)).ShouldBeOk().Json;
            return Page(
                page.GetProperty("data").EnumerateArray().Select(row => row.GetProperty("seq").GetInt64()),
                page.GetProperty("hasMore").GetBoolean());
        }

        static string Page(IEnumerable<long> seqs, bool hasMore) => $"{string.Join(' ', seqs)} hasMore={hasMore}";

        (await PageAsync("?limit=2")).ShouldBe(Page(seqs[3..], true));
        (await PageAsync($"?limit=2&before_seq={seqs[3]}")).ShouldBe(Page(seqs[1..3], true));
        (await PageAsync($"?limit=2&before_seq={seqs[2]}")).ShouldBe(Page(seqs[..2], false));
        (await PageAsync($"?limit=2&after_seq={seqs[0]}")).ShouldBe(Page(seqs[1..3], true));
        (await PageAsync($"?limit=2&after_seq={seqs[2]}")).ShouldBe(Page(seqs[3..], false));
        (await PageAsync($"?after_seq={seqs[4]}")).ShouldBe(Page([], false));
    }
}
