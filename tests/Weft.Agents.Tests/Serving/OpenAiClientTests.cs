using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Weft.Server.Tests;
using Weft.Testing;
using static Weft.Agents.Tests.Script;

namespace Weft.Agents.Tests.Serving;

/// <summary>What a client of OpenAI's API asks of an agent's model.</summary>
public sealed class OpenAiClientTests
{
    private static readonly AIFunction Look = AIFunctionFactory.Create(() => "wool", "look", "Looks.");

    private static string Chat(string messages, string more = "") =>
        $$"""
        {"model":"shop","messages":[{"role":"user","content":"go"}{{messages}}],"temperature":0.5,"stop":"END",
         "tools":[{"type":"function","function":{"name":"price","parameters":{"type":"object"} } }]{{more}} }
        """;

    [Fact]
    public async Task A_chat_calls_the_tools_of_its_client()
    {
        using var client = new ScriptedChatClient(Calls(("1", "price", new() { ["of"] = "wool" }), ("2", "look", [])), Says(null, "Three."));
        await using var server = await AgentServer.StartAsync(weft => weft.AddAgent("shop", client, [Look]));

        var asked = (await server.Api.PostAsync("/v1/chat/completions", Chat(""))).ShouldBeOk().Json.GetProperty("choices")[0];
        asked.Text("finish_reason").ShouldBe("tool_calls");
        var calls = asked.GetProperty("message").GetProperty("tool_calls");
        calls.GetRawText().ShouldBe(
            """[{"id":"1","type":"function","function":{"name":"price","arguments":"{\"of\":\"wool\"}"}}]""");
        var answered = await server.Api.PostAsync(
            "/v1/chat/completions",
            Chat($$""",{"role":"assistant","content":null,"tool_calls":{{calls}}},{"role":"tool","tool_call_id":"1","content":"3"}"""));

        answered.ShouldBeOk().Json.GetProperty("choices")[0].GetProperty("message").Content().ShouldBe("Three.");
        client.Calls.Count.ShouldBe(2);
        client.Calls.ShouldAllBe(call => call.Options!.Temperature == 0.5f && call.Options.StopSequences!.Single() == "END");
        client.Calls[1].Messages.Select(message => message.Role).ShouldBe([ChatRole.User, ChatRole.Assistant, ChatRole.Tool]);
    }

    [Fact]
    public async Task A_stream_has_the_calls_and_the_form_of_the_answer_is_asked_for()
    {
        using var client = new ScriptedChatClient(Calls(("1", "price", [])));
        await using var server = await AgentServer.StartAsync(weft => weft.AddAgent("shop", client, [Look]));

        var stream = await server.Api.PostAsync(
            "/v1/chat/completions", Chat("", ""","stream":true,"response_format":{"type":"json_object"}"""));

        stream.ShouldBeOk().Text.ShouldContain("\"name\":\"price\"");
        stream.Text.ShouldContain("\"finish_reason\":\"tool_calls\"");
        client.Calls.ShouldHaveSingleItem().Options!.ResponseFormat.ShouldBe(ChatResponseFormat.Json);
    }

    [Fact]
    public async Task A_response_goes_on_with_the_result_of_its_clients_tool()
    {
        using var client = new ScriptedChatClient(Calls(("1", "price", [])), Says(null, "Three."));
        await using var server = await AgentServer.StartAsync(weft => weft.AddAgent("shop", client, [Look]));
        const string Tools = ""","max_output_tokens":9,"tools":[{"type":"function","name":"price","parameters":{"type":"object"}}]}""";

        var asked = (await server.Api.PostAsync("/v1/responses", """{"model":"shop","input":"go" """ + Tools)).ShouldBeOk().Json;
        asked.GetProperty("output")[0].Text("type").ShouldBe("function_call");
        var answered = (await server.Api.PostAsync(
            "/v1/responses",
            $$"""
            {"model":"shop","previous_response_id":"{{asked.Text("id")}}",
             "input":[{"type":"function_call_output","call_id":"1","output":"3"}]
            """ + Tools)).ShouldBeOk().Json;

        answered.GetProperty("output")[0].GetProperty("content")[0].Text("text").ShouldBe("Three.");
        client.Calls.ShouldAllBe(call => call.Options!.MaxOutputTokens == 9);
    }
}
