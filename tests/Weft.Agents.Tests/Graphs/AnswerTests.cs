using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;
using Weft.Graphs;
using Weft.Testing;
using static Weft.Agents.Tests.Script;

namespace Weft.Agents.Tests.Graphs;

public sealed partial class AnswerTests
{
    private static readonly AIFunction Price = AIFunctionFactory.Create((string item) => 20, "price");

    [Fact]
    public async Task The_last_answer_becomes_a_value_of_the_state()
    {
        using var client = new ScriptedChatClient(
            Calls(("1", "price", new() { ["item"] = "wool" })), Says(null, """{"item":"wool","euros":20}"""));
        var thread = new ThreadUnderTest(AgentGraph.Create(client, [Price], new AgentGraphOptions { Answer = AgentAnswer.Of<Offer>() }));

        await thread.SayAsync("wool?");

        thread.Values.GetProperty("structured_response").GetRawText().ShouldBeJson("""{"item":"wool","euros":20}""");
        thread.Messages.Count.ShouldBe(4);
        client.Calls.ShouldAllBe(call => call.Options!.ResponseFormat is ChatResponseFormatJson);
        client.Calls[0].Options!.Tools!.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("```json\n{\"item\":\"wool\",\"euros\":20}\n```")]
    [InlineData("  {\"item\":\"wool\",\"euros\":20}\n")]
    public async Task Json_in_a_fence_or_between_spaces_is_read(string text)
    {
        using var client = new ScriptedChatClient(Says(null, text));
        var thread = new ThreadUnderTest(AgentGraph.Create(client, [], new AgentGraphOptions { Answer = AgentAnswer.Of<Offer>() }));

        await thread.SayAsync("wool?");

        thread.Values.GetProperty("structured_response").GetProperty("euros").GetInt32().ShouldBe(20);
    }

    [Theory]
    [InlineData("Twenty euros.")]
    [InlineData("""{"item":"wool"}""")]
    [InlineData("""{"item":null,"euros":20}""")]
    [InlineData("null")]
    public async Task An_answer_of_another_form_is_asked_for_again_without_calls_of_tools(string text)
    {
        using var client = new ScriptedChatClient(Says("m1", text), Says("m2", """{"item":"wool","euros":20}"""));
        var thread = new ThreadUnderTest(AgentGraph.Create(client, [Price], new AgentGraphOptions { Answer = AgentAnswer.Of<Offer>() }));

        await thread.SayAsync("wool?");

        thread.Values.GetProperty("structured_response").GetProperty("euros").GetInt32().ShouldBe(20);
        thread.Messages.Select(message => message.Content()).ShouldBe(["wool?", text]);
        client.Calls[1].Options!.ToolMode.ShouldBe(ChatToolMode.None);
        client.Calls[0].Options!.ToolMode.ShouldBeNull();
        thread.Chunks.Select(chunk => chunk.Text("id")).Distinct().ShouldBe(["m1"]);
    }

    [Fact]
    public async Task The_run_fails_if_the_second_answer_has_another_form_too_and_the_thread_goes_on()
    {
        using var client = new ScriptedChatClient(Says(null, "Twenty."), Says(null, "Twenty!"), Says(null, """{"item":"wool","euros":20}"""));
        var thread = new ThreadUnderTest(AgentGraph.Create(client, [], new AgentGraphOptions { Answer = AgentAnswer.Of<Offer>() }));

        var error = await Should.ThrowAsync<NodeFailedException>(() => thread.SayAsync("wool?"));
        error.InnerException.ShouldBeOfType<AnswerFormatException>()
            .Message.ShouldStartWith("The answer of the model does not have the required form. ");

        await thread.SayAsync("Again, please.");
        thread.Values.GetProperty("structured_response").GetProperty("euros").GetInt32().ShouldBe(20);
    }

    [Fact]
    public async Task The_form_may_come_from_generated_metadata()
    {
        using var client = new ScriptedChatClient(Says(null, """{"Item":"wool","Euros":20}"""));
        var answer = AgentAnswer.Of(OfferJson.Default.Offer, "offer");
        var thread = new ThreadUnderTest(AgentGraph.Create(client, [], new AgentGraphOptions { Answer = answer }));

        await thread.SayAsync("wool?");

        thread.Values.GetProperty("offer").GetRawText().ShouldBe("""{"Item":"wool","Euros":20}""");
        ((ChatResponseFormatJson)client.Calls[0].Options!.ResponseFormat!).Schema!.Value.GetProperty("properties").GetProperty("Euros")
            .ValueKind.ShouldBe(JsonValueKind.Object);
    }

    [Fact]
    public void An_answer_must_be_an_object() =>
        Should.Throw<ArgumentException>(() => AgentAnswer.Of<int>()).Message.ShouldStartWith("The answer of an agent must be an object in JSON");

    internal sealed record Offer(string Item, int Euros);

    [JsonSerializable(typeof(Offer))]
    internal sealed partial class OfferJson : JsonSerializerContext;
}
