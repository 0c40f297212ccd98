using System.Text.Json;
using static Weft.Server.Tests.AgUiCalls;

namespace Weft.Server.Tests.AgUi;

/// <summary>Questions of graphs and the answers of clients.</summary>
public sealed class ResumeTests(SharedServer shared) : ServerTests(shared)
{
    [Fact]
    public async Task A_question_is_the_outcome_of_a_run_and_the_next_run_answers_it()
    {
        var thread = NewId();
        var client = await Root.AgUiAsync("asking", Body(thread));

        var interrupt = Interrupts(client).Single();
        interrupt.Text("reason").ShouldBe("langgraph:interrupt");
        interrupt.Text("message").ShouldBe("which one?");
        interrupt.GetProperty("metadata").ShouldBeJson("""{"langgraph":{"raw":"which one?"}}""");
        client.Of("CUSTOM").Single().ShouldBeJson("""{"type":"CUSTOM","name":"on_interrupt","value":"which one?"}""");

        await Root.AgUiAsync("asking", Body(thread, "", Resume((interrupt.Text("id"), "the red one"))), client);

        client.Messages.Single().Text("content").ShouldBe("you chose the red one");
        client.State!["answer"]!.GetValue<string>().ShouldBe("the red one");
        client.Last.TryGetProperty("outcome", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Half_of_a_surrogate_pair_inside_JSON_text_is_replaced()
    {
        var thread = NewId();
        const string Call = """
            {"id":"a-1","role":"assistant","toolCalls":[
              {"id":"c-1","type":"function","function":{"name":"look","arguments":"{\"q\":\"\\ud83d\"}"}}]}
            """;
        var client = await Root.AgUiAsync("asking", Body(thread, Call));

        await Root.AgUiAsync(
            "asking", Body(thread, "", ""","forwardedProps":{"command":{"resume":"[\"\\ud83d\"]"}}"""), client);

        client.Messages[^1].Text("content").ShouldStartWith("you chose");
    }

    [Fact]
    public async Task Several_questions_are_answered_by_their_ids()
    {
        var thread = NewId();
        var client = await Root.AgUiAsync("both", Body(thread));
        var ids = Interrupts(client).ToDictionary(interrupt => interrupt.Text("message"), interrupt => interrupt.Text("id"));

        await Root.AgUiAsync("both", Body(thread, "", Resume((ids["right?"], "R"))), client);

        Interrupts(client).Single().Text("message").ShouldBe("left?");

        await Root.AgUiAsync("both", Body(thread, "", Resume((ids["left?"], "L"))), client);

        client.State!["answers"]!.ToJsonString().ShouldBe("""["left L","right R"]""");
    }

    [Fact]
    public async Task A_refusal_to_answer_is_an_answer()
    {
        var thread = NewId();
        var client = await Root.AgUiAsync("asking", Body(thread));
        var id = Interrupts(client).Single().Text("id");

        await Root.AgUiAsync("asking", Body(thread, "", $$""","resume":[{"interruptId":"{{id}}","status":"cancelled"}]"""), client);

        client.State!["answer"]!.GetValue<string>().ShouldBe($$"""{"__agui_cancelled__":true,"interrupt_id":"{{id}}"}""");
    }

    [Theory]
    [InlineData("\"blue\"", "blue")]
    [InlineData("""{"colour":"blue"}""", """{"colour":"blue"}""")]
    [InlineData(""" "{\"colour\":\"blue\"}" """, """{"colour":"blue"}""")]
    public async Task A_command_of_the_client_answers_too(string answer, string expected)
    {
        var thread = NewId();
        await Root.AgUiAsync("asking", Body(thread));

        var client = await Root.AgUiAsync("asking", Body(thread, "", $$$""","forwardedProps":{"command":{"resume":{{{answer}}}}}"""));

        client.State!["answer"]!.GetValue<string>().ShouldBe(expected);
    }

    [Fact]
    public async Task A_client_that_declares_no_version_gets_the_question_as_an_event_only()
    {
        var body = Body(NewId()).Replace(""","protocolVersion":"1.0" """.Trim(), "", StringComparison.Ordinal);

        var client = await Root.AgUiAsync("asking", body);

        client.Of("CUSTOM").Single().Text("name").ShouldBe("on_interrupt");
        client.Last.Names().ShouldBe(["type", "threadId", "runId"]);
        client.Events[0].Names().ShouldBe(["type", "threadId", "runId"]);
    }

    [Fact]
    public async Task A_client_without_an_answer_gets_the_question_again_and_nothing_runs()
    {
        var thread = NewId();
        var asked = await Root.AgUiAsync("asking", Body(thread));

        var client = await Root.AgUiAsync("asking", Body(thread));

        client.Short.ShouldBe(["RUN_STARTED", "STATE_SNAPSHOT", "MESSAGES_SNAPSHOT", "CUSTOM on_interrupt", "RUN_FINISHED"]);
        Interrupts(client).Single().ShouldBeJson(Interrupts(asked).Single().GetRawText());
        (await Root.GetAsync($"/threads/{thread}/runs")).Json.GetArrayLength().ShouldBe(1);

        var other = await Root.AgUiAsync("asking", Body(thread, User("never mind", "u-1")));

        other.Of("MESSAGES_SNAPSHOT").ShouldBeEmpty();
        Interrupts(other).Count().ShouldBe(1);
    }

    [Fact]
    public async Task A_question_inside_a_graph_is_answered_by_its_id()
    {
        var thread = NewId();
        var client = await Root.AgUiAsync("outer", Body(thread));

        await Root.AgUiAsync("outer", Body(thread, "", Resume((Interrupts(client).Single().Text("id"), "yes"))), client);

        client.State!["trail"]!.ToJsonString().ShouldBe("""["first","ask:yes"]""");
    }

    [Fact]
    public async Task The_members_of_a_question_are_shown()
    {
        var client = await Root.AgUiAsync("approving", Body(NewId()));

        var interrupt = Interrupts(client).Single();
        interrupt.Text("reason").ShouldBe("approval");
        interrupt.Text("message").ShouldBe("Send it?");
        interrupt.Text("toolCallId").ShouldBe("call-1");
        interrupt.GetProperty("responseSchema").ShouldBeJson("""{"type":"boolean"}""");
        JsonElement.Parse(client.Of("CUSTOM").Single().Text("value")).Text("reason").ShouldBe("approval");
    }

    private static IEnumerable<JsonElement> Interrupts(AgUiClient client)
    {
        var outcome = client.Last.GetProperty("outcome");
        outcome.Text("type").ShouldBe("interrupt");
        return outcome.GetProperty("interrupts").EnumerateArray();
    }

    private static string Resume(params (string Id, string Answer)[] answers) =>
        ",\"resume\":[" + string.Join(',', answers.Select(answer =>
            $$"""{"interruptId":"{{answer.Id}}","status":"resolved","payload":"{{answer.Answer}}"}""")) + "]";
}
