using System.Text.Json;

namespace Weft.Server.Tests.A2a;

/// <summary>Calls of the agents that the server has.</summary>
internal static class A2aCalls
{
    /// <summary>Calls a method and returns the whole answer.</summary>
    public static Task<Answer> CallA2aAsync(
        this Api api, string assistant, string method, string parameters = "{}", params (string, string)[] headers) =>
        api.PostAsync($"/a2a/{assistant}", Body(method, parameters), headers);

    /// <summary>Calls a method that has to succeed, and returns its result.</summary>
    public static async Task<JsonElement> A2aResultAsync(
        this Api api, string assistant, string method, string parameters = "{}", params (string, string)[] headers)
    {
        var answer = (await api.CallA2aAsync(assistant, method, parameters, headers)).ShouldBeOk().Json;
        answer.GetProperty("id").GetInt32().ShouldBe(7);
        answer.TryGetProperty("result", out var result).ShouldBeTrue(answer.GetRawText());
        return result;
    }

    public static Task<SseStream> StreamA2aAsync(this Api api, string assistant, string method, string parameters) =>
        api.StreamAsync($"/a2a/{assistant}", Body(method, parameters));

    /// <summary>Parameters with a message of version 0.3.</summary>
    public static string Say(string text, string more = "", string configuration = "") =>
        Message($$"""{"kind":"text","text":"{{text}}"}""", more, configuration);

    /// <summary>Parameters with a message of these parts.</summary>
    public static string Message(string parts, string more = "", string configuration = "", string role = "user") => $$"""
        {"message":{"role":"{{role}}","messageId":"{{Guid.NewGuid()}}","parts":[{{parts}}]{{more}} }{{configuration}} }
        """;

    public static int Code(this Answer answer) => answer.Json.GetProperty("error").GetProperty("code").GetInt32();

    private static string Body(string method, string parameters) =>
        $$"""{"jsonrpc":"2.0","id":7,"method":"{{method}}","params":{{parameters}} }""";
}
