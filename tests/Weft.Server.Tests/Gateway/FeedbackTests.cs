using System.Net;

namespace Weft.Server.Tests.Gateway;

/// <summary>The ratings of runs (docs/protocol/gateway.md B10).</summary>
public sealed class FeedbackTests(SharedServer shared) : ServerTests(shared)
{
    [Fact]
    public async Task Put_keeps_one_rating_and_post_adds_more()
    {
        var feedback = await NewRunAsync() + "/feedback";
        (await Gateway.GetAsync(feedback)).ShouldBeOk().Text.ShouldBe("[]");

        var first = (await PutAsync(feedback, """{"rating":1}""")).ShouldBeOk();
        first.Json.Names().ShouldBe(
            ["feedback_id", "run_id", "thread_id", "owner_id", "message_id", "rating", "comment", "created_at"]);
        first.Text.ShouldContain("\"owner_id\":null");
        var second = (await PutAsync(feedback, """{"rating":-1,"comment":"no","message_id":"not a message"}""")).ShouldBeOk();
        second.String("feedback_id").ShouldBe(first.String("feedback_id"));
        (second.String("comment"), second.String("message_id")).ShouldBe(("no", "not a message"));
        (await Gateway.GetAsync(feedback)).Text.ShouldBe($"[{second.Text}]");

        var added = (await Gateway.PostAsync(feedback, """{"rating":1}""")).ShouldBeOk();
        (await Gateway.GetAsync(feedback)).Text.ShouldBe($"[{second.Text},{added.Text}]");
        await StatsShouldBeAsync(feedback, 2, 1, 1);

        (await PutAsync(feedback, """{"rating":1}""")).ShouldBeOk();
        await StatsShouldBeAsync(feedback, 1, 1, 0);
    }

    [Fact]
    public async Task Ratings_that_are_put_at_once_are_one()
    {
        var feedback = await NewRunAsync() + "/feedback";

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => PutAsync(feedback, $$"""{"rating":{{(i % 2 * 2) - 1}}}""")));

        answers.ShouldAllBe(answer => answer.Status == 200);
        (await Gateway.GetAsync(feedback)).Json.GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task Feedback_is_deleted_all_at_once_or_by_its_id()
    {
        var (run, other) = (await NewRunAsync(), await NewRunAsync());
        var id = (await Gateway.PostAsync(run + "/feedback", """{"rating":1}""")).String("feedback_id");
        await Gateway.PostAsync(run + "/feedback", """{"rating":1}""");

        (await Gateway.DeleteAsync($"{other}/feedback/{id}")).ShouldBe(HttpStatusCode.NotFound).Detail.ShouldContain(id);
        (await Gateway.DeleteAsync($"{run}/feedback/{id}")).ShouldBeOk().Text.ShouldBe("""{"success":true}""");
        (await Gateway.DeleteAsync($"{run}/feedback/{id}")).ShouldBe(HttpStatusCode.NotFound);
        (await Gateway.DeleteAsync($"{run}/feedback/nothing")).ShouldBe(HttpStatusCode.NotFound);
        await StatsShouldBeAsync(run + "/feedback", 1, 1, 0);

        (await Gateway.DeleteAsync(run + "/feedback")).ShouldBeOk().Text.ShouldBe("""{"success":true}""");
        await StatsShouldBeAsync(run + "/feedback", 0, 0, 0);
        (await Gateway.DeleteAsync(run + "/feedback")).ShouldBeOk().Text.ShouldBe("""{"success":true}""");
    }

    [Theory]
    [InlineData("""{"rating":0}""", 400)]
    [InlineData("""{"rating":2}""", 400)]
    [InlineData("""{"rating":1e30}""", 400)]
    [InlineData("""{"rating":0.5}""", 422)]
    [InlineData("""{"rating":"1"}""", 422)]
    [InlineData("""{"rating":null}""", 422)]
    [InlineData("{}", 422)]
    public async Task A_rating_is_plus_or_minus_one(string body, int status)
    {
        var feedback = await NewRunAsync() + "/feedback";

        foreach (var answer in (Answer[])[await PutAsync(feedback, body), await Gateway.PostAsync(feedback, body)])
        {
            answer.Status.ShouldBe(status, answer.Text);
            answer.Text.ShouldContain("rating");
        }

        (await Gateway.GetAsync(feedback)).Text.ShouldBe("[]");
    }

    [Theory]
    [InlineData("comment", "1")]
    [InlineData("comment", "{}")]
    [InlineData("message_id", "[]")]
    [InlineData("message_id", "true")]
    public async Task Texts_are_texts(string field, string value)
    {
        var answer = await PutAsync(await NewRunAsync() + "/feedback", $$"""{"rating":1,"{{field}}":{{value}}}""");

        answer.ShouldBe(HttpStatusCode.UnprocessableEntity).Text.ShouldContain(field);
    }

    [Fact]
    public async Task Texts_and_the_number_of_ratings_are_limited()
    {
        await using var server = await TestServer.StartAsync(configureRuns: options =>
        {
            options.FeedbackBytesMax = 8;
            options.FeedbackPerRunMax = 2;
        });
        var run = (await server.Gateway.PostAsync("/threads/t/runs/wait", Bodies.Echo())).ShouldBeOk().RunPath;
        foreach (var field in (string[])["comment", "message_id"])
        {
            (await server.Gateway.PostAsync(run + "/feedback", $$"""{"rating":1,"{{field}}":"ööööö"}"""))
                .ShouldBe(HttpStatusCode.UnprocessableEntity).Text.ShouldContain(field);
            (await server.Gateway.PostAsync(run + "/feedback", $$"""{"rating":1,"{{field}}":"öööö"}""")).ShouldBeOk();
        }

        (await server.Gateway.PostAsync(run + "/feedback", """{"rating":1}""")).ShouldBe(HttpStatusCode.Conflict);
        (await server.Gateway.SendAsync(HttpMethod.Put, run + "/feedback", """{"rating":1}""")).ShouldBeOk();
    }

    [Fact]
    public async Task A_run_that_does_not_exist_has_no_feedback()
    {
        var run = await NewRunAsync();
        var id = (await Gateway.PostAsync(run + "/feedback", """{"rating":1}""")).String("feedback_id");
        var elsewhere = run.Replace(run.Split('/')[2], NewId(), StringComparison.Ordinal);

        foreach (var missing in (string[])[$"/threads/{run.Split('/')[2]}/runs/{NewId()}", elsewhere, $"/threads/{NewId()}/runs/no-id"])
        {
            (await PutAsync(missing + "/feedback", """{"rating":1}""")).ShouldBe(HttpStatusCode.NotFound);
            (await Gateway.PostAsync(missing + "/feedback", """{"rating":1}""")).ShouldBe(HttpStatusCode.NotFound);
            (await Gateway.GetAsync(missing + "/feedback")).ShouldBe(HttpStatusCode.NotFound);
            (await Gateway.GetAsync(missing + "/feedback/stats")).ShouldBe(HttpStatusCode.NotFound);
            (await Gateway.DeleteAsync(missing + "/feedback")).ShouldBe(HttpStatusCode.NotFound);
            (await Gateway.DeleteAsync($"{missing}/feedback/{id}")).ShouldBe(HttpStatusCode.NotFound);
        }

        (await Root.GetAsync(run + "/feedback")).ShouldBe(HttpStatusCode.NotFound);
        (await Gateway.DeleteAsync(run)).ShouldBeOk();
        (await Gateway.GetAsync(run + "/feedback")).ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Ratings_have_their_user_and_are_stored()
    {
        var folder = Directory.CreateTempSubdirectory("weft-feedback-").FullName;
        string run, rating;
        (string, string) ada = ("x-tenant", "ada"), bob = ("x-tenant", "bob");
        void WithUsers(WeftServerOptions options) => options.ActorOf = http => http.Request.Headers["x-tenant"];
        await using (var server = await TestServer.StartAsync(folder, configure: WithUsers))
        {
            run = (await server.Gateway.PostAsync("/threads/t/runs/wait", Bodies.Echo(), ada)).ShouldBeOk().RunPath;
            rating = (await server.Gateway.PostAsync(run + "/feedback", """{"rating":1}""", ada)).ShouldBeOk().Text;
            rating.ShouldContain("\"owner_id\":\"ada\"");
            (await server.Gateway.PostAsync(run + "/feedback", """{"rating":1}""", bob)).ShouldBe(HttpStatusCode.NotFound);
            (await server.Gateway.GetAsync(run + "/feedback", bob)).ShouldBe(HttpStatusCode.NotFound);
            (await server.Gateway.GetAsync("/weft" + run + "/feedback", bob)).ShouldBe(HttpStatusCode.NotFound);
        }

        await using (var server = await TestServer.StartAsync(folder, configure: WithUsers))
        {
            (await server.Gateway.GetAsync(run + "/feedback", ada)).ShouldBeOk().Text.ShouldBe($"[{rating}]");
            (await server.Gateway.DeleteAsync(run + "/feedback", ada)).ShouldBeOk().Text.ShouldBe("""{"success":true}""");
            (await server.Gateway.DeleteAsync(run + "/feedback", ada)).ShouldBeOk().Text.ShouldBe("""{"success":false}""");
        }

        Directory.Delete(folder, recursive: true);
    }

    private async Task<string> NewRunAsync() =>
        (await Gateway.PostAsync($"/threads/{NewId()}/runs/wait", Bodies.Echo())).ShouldBeOk().RunPath;

    private Task<Answer> PutAsync(string path, string body) => Gateway.SendAsync(HttpMethod.Put, path, body);

    private async Task StatsShouldBeAsync(string feedback, int total, int positive, int negative)
    {
        var stats = (await Gateway.GetAsync(feedback + "/stats")).ShouldBeOk();
        stats.Text.ShouldBe(
            $$"""{"run_id":"{{feedback.Split('/')[4]}}","total":{{total}},"positive":{{positive}},"negative":{{negative}}}""");
    }
}
