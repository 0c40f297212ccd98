using System.Text.Json;
using Weft.Graphs;

namespace Weft.Server;

/// <summary>A call of a tool in the conversation of a request.</summary>
/// <param name="Id">The id of the call.</param>
/// <param name="Name">The tool.</param>
/// <param name="Text">The arguments as the request has them.</param>
/// <param name="Arguments">The arguments, a JSON object; null if they are not one.</param>
internal sealed record InputCall(string Id, string Name, string Text, JsonElement? Arguments)
{
    /// <summary>Reads a call.</summary>
    /// <param name="id">The id of the call.</param>
    /// <param name="function">The object that has the name and the arguments.</param>
    /// <exception cref="Runs.WeftException">A member is wrong.</exception>
    public static InputCall Read(string id, OpenAiFields function)
    {
        var name = function.RequiredText("name");
        var text = function.Text("arguments") ?? "";
        JsonElement? arguments = string.IsNullOrWhiteSpace(text) ? GraphJson.EmptyObject
            : EmbeddedJson.TryParse(text) is { ValueKind: JsonValueKind.Object } read ? read
            : null;
        return new InputCall(id, name, text, arguments);
    }
}
