using System.Net;

namespace Weft.Server.Tests.Gateway;

public sealed class WaitTests(SharedServer shared) : ServerTests(shared)
{
    [Fact]
    public async Task Waiting_answers_the_final_values_and_where_the_run_is()
    {
        var thread = NewId();

        var answer = (await Gateway.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo())).ShouldBeOk();

        answer.Header("Content-Type").ShouldBe("application/json");
        answer.Header("Content-Location")!.ShouldMatch($"^/api/threads/{thread}/runs/[0-9a-f-]{{36}}$");
        answer.Json.Texts().ShouldBe(["hi", "echo: hi"]);
    }

    [Fact]
    public async Task A_failure_is_told_in_both_forms()
    {
        var answer = (await Gateway.PostAsync($"/threads/{NewId()}/runs/wait", Bodies.Failing())).ShouldBeOk();

        answer.Json.GetProperty("__error__").ShouldBeJson("""{"error":"InvalidOperationException","message":"The tap is closed."}""");
        answer.String("error").ShouldBe("The tap is closed.");
        answer.String("run_id").ShouldBe(answer.RunId);
    }

    [Fact]
    public async Task Joining_waits_for_the_end()
    {
        var gate = Gates.New();
        var path = (await Gateway.PostAsync($"/threads/{NewId()}/runs", Bodies.Gated(gate))).RunPath;
        await gate.EnteredAsync();

        var join = Gateway.GetAsync(path + "/join?cancel_on_disconnect=false");
        gate.Open();

        (await join).ShouldBeOk().Json.Texts().ShouldBe(["go", "begun", "one two"]);
        (await Gateway.GetAsync(path + "/join")).ShouldBeOk().Json.Texts().ShouldBe(["go", "begun", "one two"]);
    }

    [Fact]
    public async Task Joining_ignores_that_its_client_goes_away()
    {
        var gate = Gates.New();
        var path = (await Gateway.PostAsync($"/threads/{NewId()}/runs", Bodies.Gated(gate))).RunPath;
        await gate.EnteredAsync();
        var (call, leave) = Gateway.Begin(HttpMethod.Get, path + "/join?cancel_on_disconnect=true", null);
        await leave.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(call);
        gate.Open();

        (await Gateway.GetAsync(path + "/join")).ShouldBeOk();

        (await Gateway.GetAsync(path)).String("status").ShouldBe("success");
    }

    [Fact]
    public async Task A_waiting_client_that_goes_away_cancels_the_run()
    {
        var gate = Gates.New();
        var (call, leave) = Gateway.Begin(HttpMethod.Post, $"/threads/{NewId()}/runs/wait", Bodies.Gated(gate));
        await gate.EnteredAsync();

        await leave.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(call);
        await gate.CancelledAsync();
    }

    [Fact]
    public async Task Cancelling_answers_an_empty_object()
    {
        var gate = Gates.New();
        var path = (await Gateway.PostAsync($"/threads/{NewId()}/runs", Bodies.Gated(gate))).RunPath;
        await gate.EnteredAsync();

        (await Gateway.PostAsync(path + "/cancel")).ShouldBeOk().Text.ShouldBe("{}");

        await gate.CancelledAsync();
    }

    [Fact]
    public async Task Cancelling_with_wait_answers_the_values_that_are_there()
    {
        var gate = Gates.New();
        var path = (await Gateway.PostAsync($"/threads/{NewId()}/runs", Bodies.Gated(gate))).RunPath;
        await gate.EnteredAsync();

        var answer = await Gateway.PostAsync(path + "/cancel?wait=true&action=interrupt");

        answer.ShouldBeOk().Json.Texts().ShouldBe(["go", "begun"]);
        (await Gateway.GetAsync(path)).String("status").ShouldBe("interrupted");
    }

    [Fact]
    public async Task Cancelling_with_rollback_takes_back_what_the_run_did()
    {
        var gate = Gates.New();
        var thread = NewId();
        await Gateway.PostAsync($"/threads/{thread}/runs/wait", Bodies.Echo("before"));
        var path = (await Gateway.PostAsync($"/threads/{thread}/runs", Bodies.Gated(gate))).RunPath;
        await gate.EnteredAsync();

        (await Gateway.PostAsync(path + "/cancel?wait=true&action=rollback"))
            .ShouldBeOk()
            .Json.Texts()
            .ShouldBe(["before", "echo: before"]);

        (await Gateway.GetAsync(path)).ShouldBe(HttpStatusCode.NotFound);
        (await Gateway.GetAsync($"/threads/{thread}/state")).Json.GetProperty("values").Texts().ShouldBe(["before", "echo: before"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("?wait=true")]
    [InlineData("?action=rollback")]
    public async Task A_run_that_has_ended_is_not_cancellable(string query)
    {
        var path = (await Gateway.PostAsync($"/threads/{NewId()}/runs/wait", Bodies.Echo())).RunPath;

        (await Gateway.PostAsync(path + "/cancel" + query))
            .ShouldBe(HttpStatusCode.Conflict)
            .Detail.ShouldBe($"Run {path.Split('/')[^1]} is not cancellable");
    }

    [Fact]
    public async Task A_long_wait_is_kept_alive_by_white_space()
    {
        await using var server = await TestServer.StartAsync(
            configure: options => options.HeartbeatInterval = TimeSpan.FromMilliseconds(50));
        var gate = server.Gates.New();
        using var request = new HttpRequestMessage(
            HttpMethod.Post, server.Gateway.BaseAddress + $"api/threads/{NewId()}/runs/wait")
        {
            Content = new StringContent(Bodies.Gated(gate)),
        };
        using var http = new HttpClient();
        using var response = await http
            .SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken)
            .Within("the headers of a wait");
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));

        (await reader.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().Within("white space")).ShouldBe("");
        gate.Open();

        var body = await reader.ReadToEndAsync(TestContext.Current.CancellationToken).Within("the values");
        System.Text.Json.JsonElement.Parse(body).Texts().ShouldBe(["go", "begun", "one two"]);
    }
}
