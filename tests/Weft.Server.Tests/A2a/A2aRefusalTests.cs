using System.Net;
using Microsoft.Extensions.DependencyInjection;
using static Weft.Server.Tests.A2a.A2aCalls;
using static Weft.Server.Tests.Access.AccessServer;

namespace Weft.Server.Tests.A2a;

/// <summary>What clients send that is not right, or not theirs, is answered with the errors of JSON-RPC and A2A.</summary>
public sealed class A2aRefusalTests(SharedServer shared) : ServerTests(shared)
{
    private const string Unknown = "0199c0de-8a10-7d52-8b66-7f2e3c4d5e6f";

    [Theory]
    [InlineData("", 400, -32700)]
    [InlineData("{", 400, -32700)]
    [InlineData("[]", 400, -32600)]
    [InlineData("""[{"jsonrpc":"2.0","id":1,"method":"tasks/get","params":{"id":"x"}}]""", 400, -32600)]
    [InlineData("""{"jsonrpc":"2.0","method":"tasks/get"}""", 400, -32600)]
    [InlineData("""{"id":1,"method":"tasks/get"}""", 400, -32600)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tasks/other"}""", 200, -32601)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tasks/get","params":7}""", 200, -32602)]
    public async Task A_call_that_is_wrong_is_refused(string body, int status, int code)
    {
        var answer = await Root.PostAsync("/a2a/echo", body);

        answer.Status.ShouldBe(status, answer.Text);
        answer.Code().ShouldBe(code, answer.Text);
    }

    [Theory]
    [InlineData("message/send", "{}", -32602)]
    [InlineData("message/send", """{"message":7}""", -32602)]
    [InlineData("message/send", """{"message":{"role":"user","messageId":"1","parts":[]}}""", -32602)]
    [InlineData("message/send", """{"message":{"role":"user","messageId":"1","parts":[7]}}""", -32602)]
    [InlineData("message/send", """{"message":{"role":"user","messageId":"1","parts":[{"kind":"video"}]}}""", -32005)]
    [InlineData("message/send", """{"message":{"role":"agent","messageId":"1","parts":[{"text":"x"}]}}""", -32602)]
    [InlineData("message/send", """{"message":{"role":"user","parts":[{"text":"x"}]}}""", -32602)]
    [InlineData("message/send", """{"message":{"role":"user","messageId":"1","parts":[{"text":"x"}],"contextId":"session-42"}}""", -32602)]
    [InlineData("message/send", """{"message":{"role":"user","messageId":"1","parts":[{"text":"x"}],"taskId":"nothing"}}""", -32001)]
    [InlineData("message/send", """{"message":{"role":"user","messageId":"1","parts":[{"text":"x"}]},"metadata":[]}""", -32602)]
    [InlineData(
        "message/send",
        """{"message":{"role":"user","messageId":"1","parts":[{"text":"x"}]},"configuration":{"historyLength":-1}}""",
        -32602)]
    [InlineData(
        "message/send",
        """{"message":{"role":"user","messageId":"1","parts":[{"text":"x"}]},"configuration":{"pushNotificationConfig":{"url":"x"}}}""",
        -32003)]
    [InlineData("message/stream", "{}", -32602)]
    [InlineData("tasks/get", "{}", -32602)]
    [InlineData("tasks/get", """{"id":"x"}""", -32001)]
    [InlineData("tasks/get", $$"""{"id":"{{Unknown}}"}""", -32001)]
    [InlineData("tasks/cancel", $$"""{"id":"{{Unknown}}"}""", -32001)]
    [InlineData("tasks/resubscribe", $$"""{"id":"{{Unknown}}"}""", -32001)]
    [InlineData("tasks/pushNotificationConfig/set", "{}", -32003)]
    [InlineData("CreateTaskPushNotificationConfig", "{}", -32003)]
    [InlineData("agent/getAuthenticatedExtendedCard", "{}", -32007)]
    [InlineData("ListTasks", """{"pageSize":0}""", -32602)]
    [InlineData("ListTasks", """{"pageToken":"x"}""", -32602)]
    [InlineData("ListTasks", """{"status":"busy"}""", -32602)]
    public async Task Parameters_that_are_wrong_are_refused(string method, string parameters, int code)
    {
        var answer = await Root.CallA2aAsync("echo", method, parameters);

        answer.ShouldBeOk().Code().ShouldBe(code, answer.Text);
        answer.Json.GetProperty("id").GetInt32().ShouldBe(7);
    }

    [Fact]
    public async Task An_assistant_that_does_not_exist_is_not_found()
    {
        var answer = await Root.CallA2aAsync("nobody", "message/send", Say("hi"));

        answer.ShouldBe(HttpStatusCode.NotFound).Code().ShouldBe(-32602);
    }

    [Fact]
    public async Task A_version_that_does_not_exist_is_refused()
    {
        var answer = await Root.CallA2aAsync("echo", "SendMessage", Say("hi"), ("A2A-Version", "2.0"));

        answer.Code().ShouldBe(-32009);
        answer.Json.GetProperty("error").GetProperty("data")[0].Text("reason").ShouldBe("VERSION_NOT_SUPPORTED");
    }

    [Fact]
    public async Task A_task_of_another_assistant_does_not_exist()
    {
        var task = await Root.A2aResultAsync("echo", "message/send", Say("hi"));

        (await Root.CallA2aAsync("asking", "tasks/get", $$"""{"id":"{{task.Text("id")}}"}""")).Code().ShouldBe(-32001);
    }

    [Fact]
    public async Task A_task_and_a_context_that_do_not_belong_together_are_refused()
    {
        var task = await Root.A2aResultAsync("asking", "message/send", Say("go"));

        var answer = await Root.CallA2aAsync(
            "asking", "message/send", Say("red", $$""","taskId":"{{task.Text("id")}}","contextId":"{{Guid.NewGuid()}}" """));

        answer.Code().ShouldBe(-32602);
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_refused()
    {
        await using var server = await TestServer.StartAsync(configure: options => options.RequestBodyBytesMax = 1_000);

        var answer = await server.Root.CallA2aAsync("echo", "message/send", Say(new string('a', 2_000)));

        answer.ShouldBe(HttpStatusCode.RequestEntityTooLarge).Code().ShouldBe(-32600);
    }

    [Fact]
    public async Task Tasks_are_those_of_the_caller()
    {
        await using var server = await StartAsync(SeparateUsers);
        var task = await server.Root.A2aResultAsync("echo", "message/send", Say("hi"), Ada);
        var get = $$"""{"id":"{{task.Text("id")}}"}""";

        (await server.Root.A2aResultAsync("echo", "tasks/get", get, Ada)).Text("id").ShouldBe(task.Text("id"));
        (await server.Root.CallA2aAsync("echo", "tasks/get", get, Bob)).Code().ShouldBe(-32001);
        (await server.Root.CallA2aAsync("echo", "tasks/cancel", get, Bob)).Code().ShouldBe(-32001);
        (await server.Root.A2aResultAsync("echo", "ListTasks", "{}", Bob)).GetProperty("tasks").GetArrayLength().ShouldBe(0);
        (await server.Root.CallA2aAsync("echo", "message/send", Say("hi", $$""","contextId":"{{task.Text("contextId")}}" """), Bob))
            .Json.TryGetProperty("error", out _).ShouldBeTrue();
    }

    [Fact]
    public async Task Who_may_not_create_runs_may_not_send_messages()
    {
        await using var server = await StartAsync(static weft => weft
            .Authorize(AccessResource.Threads, AccessAction.CreateRun, static _ => AccessResult.Deny("May not run.")));

        (await server.Root.CallA2aAsync("echo", "message/send", Say("hi"), Ada)).ShouldBe(HttpStatusCode.Forbidden)
            .Json.GetProperty("error").Text("message").ShouldBe("May not run.");
        (await server.Root.CallA2aAsync("echo", "tasks/get", $$"""{"id":"{{Unknown}}"}""", Ada)).Code().ShouldBe(-32001);
    }
}
