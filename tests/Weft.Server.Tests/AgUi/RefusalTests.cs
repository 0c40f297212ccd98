using static Weft.Server.Tests.AgUiCalls;

namespace Weft.Server.Tests.AgUi;

/// <summary>Wrong requests are refused with the name of the field before the stream begins.</summary>
public sealed class RefusalTests(SharedServer shared) : ServerTests(shared)
{
    private const string Ids = "\"threadId\":\"t\",\"runId\":\"r\",";
    private const string Message = "{" + Ids + "\"messages\":[{\"id\":\"m\",\"role\":";
    private const string Props = "{" + Ids + "\"messages\":[],\"forwardedProps\":";

    [Theory]
    [InlineData("", "body")]
    [InlineData("{", "body")]
    [InlineData("[]", "body")]
    [InlineData("null", "body")]
    [InlineData("{}", "threadId")]
    [InlineData("""{"threadId":"","runId":"r","messages":[]}""", "threadId")]
    [InlineData("""{"threadId":7,"runId":"r","messages":[]}""", "threadId")]
    [InlineData("""{"threadId":"t","messages":[]}""", "runId")]
    [InlineData("""{"threadId":"t","runId":"r"}""", "messages")]
    [InlineData("{" + Ids + "\"messages\":{}}", "messages")]
    [InlineData("{" + Ids + "\"messages\":[7]}", "messages[0]")]
    [InlineData("{" + Ids + "\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}", "messages[0].id")]
    [InlineData("{" + Ids + "\"messages\":[{\"id\":\"m\",\"content\":\"a\"}]}", "messages[0].role")]
    [InlineData(Message + "\"king\",\"content\":\"a\"}]}", "messages[0].role")]
    [InlineData(Message + "\"user\"}]}", "messages[0].content")]
    [InlineData(Message + "\"user\",\"content\":7}]}", "messages[0].content")]
    [InlineData(Message + "\"user\",\"content\":[{}]}]}", "messages[0].content[0].type")]
    [InlineData(Message + "\"user\",\"content\":[{\"type\":\"image\"}]}]}", "messages[0].content[0].source")]
    [InlineData(Message + "\"tool\",\"content\":\"a\"}]}", "messages[0].toolCallId")]
    [InlineData(Message + "\"assistant\",\"toolCalls\":[{\"id\":\"c\"}]}]}", "messages[0].toolCalls[0].function")]
    [InlineData("{" + Ids + "\"messages\":[],\"tools\":[{}]}", "tools[0].name")]
    [InlineData("{" + Ids + "\"messages\":[],\"tools\":7}", "tools")]
    [InlineData("{" + Ids + "\"messages\":[],\"context\":[7]}", "context[0]")]
    [InlineData(Props + "7}", "forwardedProps")]
    [InlineData(Props + "{\"command\":7}}", "forwardedProps.command")]
    [InlineData(Props + "{\"config\":7}}", "forwardedProps.config")]
    [InlineData(Props + "{\"config\":{\"recursion_limit\":0}}}", "forwardedProps.config.recursion_limit")]
    [InlineData(Props + "{\"config\":{\"configurable\":7}},\"context\":[{}]}", "forwardedProps.config.configurable")]
    [InlineData("{" + Ids + "\"messages\":[],\"resume\":[7]}", "resume[0]")]
    [InlineData("{" + Ids + "\"messages\":[],\"resume\":[{\"status\":\"resolved\"}]}", "resume[0].interruptId")]
    [InlineData("{" + Ids + "\"messages\":[],\"resume\":[{\"interruptId\":\"i\",\"status\":\"maybe\"}]}", "resume[0].status")]
    [InlineData("{" + Ids + "\"messages\":[],\"resume\":[{\"interruptId\":\"i\",\"status\":\"resolved\"}]}", "resume[0].interruptId")]
    public async Task A_wrong_body_is_refused_with_the_name_of_the_field(string body, string field)
    {
        foreach (var api in (Api[])[Root, Gateway])
        {
            var answer = await api.PostAsync("/agui/echo", body);

            answer.Status.ShouldBe(422, answer.Text);
            answer.Text.ShouldContain(api == Root ? field : field.Split('.')[^1].Split('[')[0]);
        }
    }

    [Fact]
    public async Task A_wrong_state_of_a_channel_is_refused_or_fails_the_run()
    {
        var client = await Root.AgUiAsync("scripted", Body(NewId(), "", ""","state":{"script":[1],"next":"no number"}"""));

        client.Last.Text("type").ShouldBe("RUN_ERROR");
    }

    [Fact]
    public async Task A_goto_to_an_unknown_node_is_refused()
    {
        var answer = await Root.PostAsync("/agui/echo", Body(NewId(), "", ""","forwardedProps":{"command":{"goto":"nowhere"}}"""));

        answer.Status.ShouldBe(422);
        answer.Detail.ShouldContain("nowhere");
        answer.Detail.ShouldContain("forwardedProps.command");
    }

    [Fact]
    public async Task An_unknown_assistant_does_not_exist()
    {
        (await Root.PostAsync("/agui/nobody", Body(NewId()))).Status.ShouldBe(404);
        (await Root.GetAsync("/agui/echo")).Status.ShouldBe(405);
        (await Root.GetAsync("/agui")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task An_answer_to_no_question_is_refused()
    {
        var thread = NewId();
        await Root.AgUiAsync("asking", Body(thread));

        var answer = await Root.PostAsync(
            "/agui/asking", Body(thread, "", ""","resume":[{"interruptId":"0123","status":"resolved","payload":1}]"""));

        answer.Status.ShouldBe(422);
        answer.Detail.ShouldContain("resume[0].interruptId");
        answer.Detail.ShouldContain("0123");
    }
}
