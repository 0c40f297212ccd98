using System.Text.Json;

namespace Weft.Server.Tests.Mcp;

/// <summary>Calls of the server's methods of MCP.</summary>
internal static class McpCalls
{
    /// <summary>Calls a method and returns the whole answer.</summary>
    public static Task<Answer> CallMcpAsync(this Api api, string method, string parameters = "{}", params (string, string)[] headers) =>
        api.PostAsync("/mcp", $$"""{"jsonrpc":"2.0","id":7,"method":"{{method}}","params":{{parameters}}}""", headers);

    /// <summary>Calls a method that has to succeed, and returns its result.</summary>
    public static async Task<JsonElement> ResultAsync(this Api api, string method, string parameters = "{}", params (string, string)[] headers)
    {
        var answer = (await api.CallMcpAsync(method, parameters, headers)).ShouldBeOk().Json;
        answer.GetProperty("id").GetInt32().ShouldBe(7);
        answer.TryGetProperty("result", out var result).ShouldBeTrue(answer.GetRawText());
        return result;
    }

    public static Task<JsonElement> CallToolAsync(this Api api, string tool, string arguments, params (string, string)[] headers) =>
        api.ResultAsync("tools/call", $$"""{"name":"{{tool}}","arguments":{{arguments}}}""", headers);

    public static async Task<List<JsonElement>> ToolsAsync(this Api api, params (string, string)[] headers) =>
        [.. (await api.ResultAsync("tools/list", "{}", headers)).GetProperty("tools").EnumerateArray()];

    /// <summary>The code of an error.</summary>
    public static int Code(this Answer answer) => answer.Json.GetProperty("error").GetProperty("code").GetInt32();
}
