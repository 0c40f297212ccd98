using Microsoft.Extensions.AI;
using Weft.Testing;

namespace Weft.Agents.Tests;

/// <summary>Answers of models as providers send them: with the ids that a test names, or without.</summary>
internal static class Script
{
    /// <summary>A model of a provider, for tests that ask for their names.</summary>
    public static ScriptedChatClient Model(params IReadOnlyList<ScriptedAnswer> script) =>
        new(script) { Metadata = new ChatClientMetadata("acme", defaultModelId: "small") };

    public static ScriptedAnswer Says(string? id, params string[] pieces) => ScriptedAnswer.OfUpdates(Pieces(id, pieces));

    public static ScriptedAnswer Calls(params (string Id, string Name, Dictionary<string, object?> Args)[] calls) =>
        ScriptedAnswer.OfUpdates(CallPiece(calls));

    /// <summary>The pieces of <see cref="Says"/>.</summary>
    public static IReadOnlyList<ChatResponseUpdate> Pieces(string? id, params string[] pieces) =>
        [.. pieces.Select(piece => Piece(id, new TextContent(piece)))];

    /// <summary>The piece of <see cref="Calls"/>.</summary>
    public static ChatResponseUpdate CallPiece(params (string Id, string Name, Dictionary<string, object?> Args)[] calls) =>
        Piece(null, [.. calls.Select(call => new FunctionCallContent(call.Id, call.Name, call.Args))]);

    public static ChatResponseUpdate Piece(string? id, params AIContent[] contents) => new(ChatRole.Assistant, contents) { MessageId = id };
}
