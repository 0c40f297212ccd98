namespace Weft.Server.Tests.RemoteGraphs;

/// <summary>Questions of a remote graph become questions of the run.</summary>
public sealed class RemoteQuestionTests
{
    [Fact]
    public async Task A_question_pauses_the_run_and_the_answer_goes_back()
    {
        await using var remote = await TestServer.StartAsync();
        await using var server = await Callers.StartAsync(remote.Root.BaseAddress, "asking");
        var thread = await server.Root.NewThreadAsync();

        var paused = (await server.Root.PostAsync($"/threads/{thread}/runs/wait", Callers.Body("{}"))).ShouldBeOk().Json;
        paused.GetProperty("__interrupt__")[0].Text("value").ShouldBe("which one?");
        (await server.Root.GetAsync($"/threads/{thread}")).String("status").ShouldBe("interrupted");

        var state = await ResumeAsync(server, thread, "\"red\"");

        state.Text("answer").ShouldBe("red");
        state.Texts().ShouldBe(["you chose red"]);
        (await remote.RunsAsync()).ShouldBe(["success", "success"]);
    }

    [Theory]
    [InlineData("either")]
    [InlineData("outer")]
    public async Task Questions_one_after_another_and_of_graphs_inside_are_answered(string assistant)
    {
        await using var remote = await TestServer.StartAsync();
        await using var server = await Callers.StartAsync(remote.Root.BaseAddress, assistant);
        var thread = await server.Root.NewThreadAsync();
        await server.Root.PostAsync($"/threads/{thread}/runs/wait", Callers.Body("{}"));

        var state = await ResumeAsync(server, thread, "\"yes\"");
        if (assistant == "outer")
        {
            state.GetProperty("trail").Strings().ShouldBe(["first", "ask:yes"]);
            return;
        }

        state.GetProperty("__interrupt__")[0].Text("value").ShouldBe("second?");
        (await ResumeAsync(server, thread, "\"no\"")).Text("answers").ShouldBe("yes no");
        (await remote.RunsAsync()).ShouldBe(["success", "success", "success"]);
    }

    [Fact]
    public async Task Several_questions_are_asked_together_and_each_gets_its_answer()
    {
        await using var remote = await TestServer.StartAsync();
        await using var server = await Callers.StartAsync(remote.Root.BaseAddress, "both");
        var thread = await server.Root.NewThreadAsync();

        var paused = (await server.Root.PostAsync($"/threads/{thread}/runs/wait", Callers.Body("{}"))).ShouldBeOk().Json;
        var questions = paused.GetProperty("__interrupt__").EnumerateArray().ToList();
        questions.Count.ShouldBe(2);
        var answers = string.Join(',', questions.Select(question => $"\"{question.Text("id")}\":\"{question.Text("value")}!\""));

        var state = await ResumeAsync(server, thread, $"{{{answers}}}");

        state.GetProperty("answers").Strings().Order().ShouldBe(["left left?!", "right right?!"]);
        (await remote.RunsAsync()).ShouldBe(["success", "success"]);
    }

    private static async Task<System.Text.Json.JsonElement> ResumeAsync(TestServer server, string thread, string answer) =>
        (await server.Root.PostAsync(
            $"/threads/{thread}/runs/wait", $$"""{"assistant_id":"caller","command":{"resume":{{answer}} } }""")).ShouldBeOk().Json;
}
