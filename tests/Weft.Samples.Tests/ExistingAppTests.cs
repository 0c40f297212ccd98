using System.Net;

namespace Weft.Samples.Tests;

public sealed class ExistingAppTests
{
    private const string Run = """{"assistant_id":"clerk","input":{"messages":"What have I ordered?"}}""";

    [Fact]
    public async Task Each_customer_sees_their_own_threads_and_orders()
    {
        await using var sample = await RunningSample.StartAsync("ExistingApp");
        var api = sample.Api;
        async Task<(string, string)> LogInAsync(string body)
        {
            var answer = await api.PostAsync("/login", body);
            return ("Cookie", answer.ShouldBeOk().Header("Set-Cookie")!.Split(';')[0]);
        }

        var ada = await LogInAsync("""{"name":"ada","password":"loom"}""");
        var bob = await LogInAsync("""{"name":"bob","password":"spindle"}""");
        var thread = (await api.PostAsync("/agents/threads", "{}", ada)).ShouldBeOk().String("thread_id");

        (await api.PostAsync($"/agents/threads/{thread}/runs/wait", Run, ada)).Said().ShouldBe("You ordered silk.");
        (await api.PostAsync($"/agents/threads/{thread}/runs/wait", Run, bob)).ShouldBe(HttpStatusCode.NotFound);
        (await api.PostAsync("/agents/runs/wait", Run, bob)).Said().ShouldBe("You ordered wool.");
        (await api.PostAsync("/agents/threads/search", "{}", bob)).ShouldBeOk().Text.ShouldNotContain(thread);
        (await api.GetAsync("/orders", ada)).ShouldBeOk().Text.ShouldBe("""["silk"]""");
    }

    [Fact]
    public async Task Nobody_gets_in_without_the_login_of_the_application()
    {
        await using var sample = await RunningSample.StartAsync("ExistingApp");

        (await sample.Api.PostAsync("/agents/runs/wait", Run)).ShouldBe(HttpStatusCode.Unauthorized);
        (await sample.Api.PostAsync("/login", """{"name":"ada","password":"spindle"}""")).ShouldBe(HttpStatusCode.Unauthorized);
        (await sample.Api.GetAsync("/agents/ok")).ShouldBeOk();
    }
}
