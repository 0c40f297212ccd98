namespace Weft.Models.Tests;

/// <summary>An answer of a model, in the pieces in which it is streamed.</summary>
internal sealed record Reply
{
    public IReadOnlyList<string> Reasoning { get; init; } = [];

    public IReadOnlyList<string> Text { get; init; } = [];

    public IReadOnlyList<ReplyCall> Calls { get; init; } = [];

    /// <summary>The sources of the text.</summary>
    public IReadOnlyList<ReplyCitation> Citations { get; init; } = [];

    public static Reply Says(params string[] pieces) => new() { Text = pieces };

    /// <summary>A call whose arguments come in pieces.</summary>
    public static Reply Asks(string tool, params string[] arguments) => new() { Calls = [new ReplyCall($"call_{tool}", tool, arguments)] };
}

/// <summary>A call of a tool. Its arguments joined are JSON, or are not.</summary>
internal sealed record ReplyCall(string Id, string Tool, IReadOnlyList<string> Arguments);

/// <summary>A source of a text on the web.</summary>
internal sealed record ReplyCitation(string Url, string Title, string Text);
