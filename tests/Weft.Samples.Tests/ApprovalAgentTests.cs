namespace Weft.Samples.Tests;

public sealed class ApprovalAgentTests
{
    [Theory]
    [InlineData("true", "Paid 20 euros to Ann.")]
    [InlineData("false", "The user did not approve this call of pay, so it was not made.")]
    public async Task The_agent_pays_only_what_a_person_has_approved(string answer, string outcome)
    {
        await using var sample = await RunningSample.StartAsync("ApprovalAgent");
        var runs = $"/threads/{await sample.Api.NewThreadAsync()}/runs/wait";

        var paused = await sample.Api.PostAsync(runs, """{"assistant_id":"bank","input":{"messages":"Pay Ann 20 euros."}}""");
        var done = await sample.Api.PostAsync(runs, $$$"""{"assistant_id":"bank","command":{"resume":{{{answer}}}}}""");

        var request = paused.ShouldBeOk().Json.GetProperty("__interrupt__")[0].GetProperty("value").GetProperty("action_requests")[0];
        request.GetProperty("name").GetString().ShouldBe("pay");
        request.GetProperty("args").ToString().ShouldBe("""{"to":"Ann","euros":20}""");
        done.Said().ShouldBe(outcome);
    }

    [Fact]
    public async Task The_agent_reads_the_balance_without_a_question()
    {
        await using var sample = await RunningSample.StartAsync("ApprovalAgent");

        var done = await sample.Api.PostAsync("/runs/wait", """{"assistant_id":"bank","input":{"messages":"What is my balance?"}}""");

        done.Said().ShouldBe("1200");
    }
}
