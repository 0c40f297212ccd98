using System.Net;

namespace Weft.Server.Tests.Gateway;

public sealed class ProblemTests(SharedServer shared) : ServerTests(shared)
{
    [Theory]
    [InlineData("""{"assistant_id":5}""", "assistant_id")]
    [InlineData("""{"input":"text"}""", "input")]
    [InlineData("""{"input":[]}""", "input")]
    [InlineData("""{"command":7}""", "command")]
    [InlineData("""{"metadata":[]}""", "metadata")]
    [InlineData("""{"config":"x"}""", "config")]
    [InlineData("""{"context":"x"}""", "context")]
    [InlineData("""{"webhook":{}}""", "webhook")]
    [InlineData("""{"checkpoint_id":1}""", "checkpoint_id")]
    [InlineData("""{"checkpoint":"x"}""", "checkpoint")]
    [InlineData("""{"interrupt_before":"some"}""", "interrupt_before")]
    [InlineData("""{"interrupt_after":[1]}""", "interrupt_after")]
    [InlineData("""{"stream_mode":7}""", "stream_mode")]
    [InlineData("""{"stream_mode":["colours"]}""", "stream_mode")]
    [InlineData("""{"stream_subgraphs":"maybe"}""", "stream_subgraphs")]
    [InlineData("""{"stream_resumable":"maybe"}""", "stream_resumable")]
    [InlineData("""{"on_disconnect":"wait"}""", "on_disconnect")]
    [InlineData("""{"on_completion":"wait"}""", "on_completion")]
    [InlineData("""{"multitask_strategy":"queue"}""", "multitask_strategy")]
    [InlineData("""{"after_seconds":"soon"}""", "after_seconds")]
    [InlineData("""{"after_seconds":-1}""", "after_seconds")]
    [InlineData("""{"if_not_exists":"maybe"}""", "if_not_exists")]
    [InlineData("""{"feedback_keys":"k"}""", "feedback_keys")]
    [InlineData("""{"config":{"configurable":5}}""", "config")]
    public async Task A_wrong_field_is_named(string body, string field)
    {
        foreach (var path in (string[])[$"/threads/{NewId()}/runs", $"/threads/{NewId()}/runs/stream", $"/threads/{NewId()}/runs/wait", "/threads/runs", "/threads/runs/stream", "/threads/runs/wait"])
        {
            var problem = (await Gateway.PostAsync(path, body)).ShouldBe(HttpStatusCode.UnprocessableEntity).Json.GetProperty("detail")[0];

            problem.GetProperty("loc").Strings()[..2].ShouldBe(["body", field]);
            problem.Text("msg").ShouldNotBeEmpty();
            problem.Text("type").ShouldNotBeEmpty();
        }
    }

    [Fact]
    public async Task A_wrong_field_inside_another_is_named_by_its_way()
    {
        var problem =
            (await Gateway.PostAsync($"/threads/{NewId()}/runs", """{"config":{"configurable":5}}""", ("User-Agent", "test/1")))
            .ShouldBe(HttpStatusCode.UnprocessableEntity).Json;

        problem.ShouldBeJson("""{"detail":[{"loc":["body","config","configurable"],"msg":"It must be an object.","type":"value_error"}]}""");
        (await Gateway.PostAsync("/threads/search", """{"extract":{"a":5}}"""))
            .Json.GetProperty("detail")[0]
            .GetProperty("loc")
            .GetRawText()
            .ShouldBe("""["body","extract","a"]""");
        (await Gateway.PostAsync("/threads", """{"supersteps":[{"updates":[5]}],"metadata":{"graph_id":"echo"}}"""))
            .Json.GetProperty("detail")[0]
            .GetProperty("loc")
            .GetRawText()
            .ShouldBe("""["body","supersteps",0,"updates",0]""");
        (await Gateway.PostAsync("/threads", "{")).Json.GetProperty("detail")[0].GetProperty("loc").GetRawText().ShouldBe("""["body"]""");
    }

    [Theory]
    [InlineData("runs?limit=99999999999999999999", "limit", "It must be at least 1 and at most 1000.")]
    [InlineData("history?limit=0", "limit", "It must be at least 1 and at most 1000.")]
    [InlineData("runs?offset=-1", "offset", "It must be at least 0 and at most 2147483647.")]
    public async Task A_wrong_query_is_named_with_what_it_may_be(string query, string field, string message)
    {
        var problem = (await Gateway.GetAsync($"/threads/{NewId()}/{query}"))
            .ShouldBe(HttpStatusCode.UnprocessableEntity)
            .Json.GetProperty("detail")[0];

        problem.GetProperty("loc").Strings().ShouldBe(["query", field]);
        problem.Text("msg").ShouldBe(message);
    }

    [Theory]
    [InlineData("?limit=x", "limit")]
    [InlineData("?offset=-1", "offset")]
    [InlineData("?limit=99999999999999999999", "limit")]
    [InlineData("/{run}/stream?wait=perhaps", "wait")]
    [InlineData("/{run}/stream?cancel_on_disconnect=2", "cancel_on_disconnect")]
    [InlineData("/{run}/stream?action=stop", "action")]
    [InlineData("/{run}/join?cancel_on_disconnect=maybe", "cancel_on_disconnect")]
    [InlineData("/{run}/messages?limit=0", "limit")]
    [InlineData("/{run}/messages?before_seq=x", "before_seq")]
    [InlineData("/{run}/messages?after_seq=1.5", "after_seq")]
    public async Task A_wrong_query_is_named(string query, string field) =>
        (await Gateway.GetAsync($"/threads/{NewId()}/runs{query.Replace("{run}", NewId(), StringComparison.Ordinal)}"))
            .ShouldBe(HttpStatusCode.UnprocessableEntity)
            .Json.GetProperty("detail")[0]
            .GetProperty("loc")
            .Strings()
            .ShouldBe(["query", field]);

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"input":{}} {}""")]
    [InlineData("""{"input":{"messages":[}""")]
    [InlineData("""{"feedback_keys":[}""")]
    [InlineData("""{"stream_resumable":tru}""")]
    public async Task A_body_that_is_no_object_of_json_is_refused(string body)
    {
        var answer = await Gateway.PostAsync($"/threads/{NewId()}/runs", body.Length == 0 ? "x" : body);

        answer.ShouldBe(HttpStatusCode.UnprocessableEntity).Json.GetProperty("detail")[0].GetProperty("loc").Strings().ShouldBe(["body"]);
    }

    [Fact]
    public async Task A_run_needs_a_body()
    {
        foreach (var path in (string[])[$"/threads/{NewId()}/runs", $"/threads/{NewId()}/runs/stream", $"/threads/{NewId()}/runs/wait", "/threads/runs", "/threads/runs/stream", "/threads/runs/wait"])
        {
            (await Gateway.PostAsync(path))
                .ShouldBe(HttpStatusCode.UnprocessableEntity)
                .Json.ShouldBeJson("""{"detail":[{"loc":["body"],"msg":"Field required","type":"missing"}]}""");
        }
    }

    [Theory]
    [InlineData("a b")]
    [InlineData("a.b")]
    [InlineData("a%2Fb")]
    [InlineData("ä")]
    public async Task A_thread_id_of_other_characters_is_refused(string thread) =>
        (await Gateway.PostAsync($"/threads/{thread}/runs", Bodies.Echo()))
            .ShouldBe(HttpStatusCode.UnprocessableEntity)
            .Json.GetProperty("detail")[0]
            .GetProperty("loc")
            .Strings()
            .ShouldBe(["path", "thread_id"]);

    [Fact]
    public async Task An_unknown_assistant_is_not_found() =>
        (await Gateway.PostAsync($"/threads/{NewId()}/runs", """{"assistant_id":"nobody"}"""))
            .ShouldBe(HttpStatusCode.NotFound)
            .Detail.ShouldContain("No assistant found");

    [Fact]
    public async Task A_body_without_a_content_type_is_read_as_json()
    {
        using var http = new HttpClient { BaseAddress = Gateway.BaseAddress };
        using var content = new ByteArrayContent(System.Text.Encoding.UTF8.GetBytes(Bodies.Echo()));

        using var response = await http.PostAsync(
            new Uri($"/api/threads/{NewId()}/runs/wait", UriKind.Relative), content, TestContext.Current.CancellationToken);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
    }
}
