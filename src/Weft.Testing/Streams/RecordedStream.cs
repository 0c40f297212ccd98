using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Weft.Testing;

/// <summary>
/// What a run streamed, with the names and the data that clients of the server see. The methods <c>Expect…</c> fail with both, what was
/// expected and what was streamed. Expected objects may leave members out.
/// </summary>
public sealed class RecordedStream
{
    internal RecordedStream(IReadOnlyList<RecordedEvent> events)
    {
        Events = events;
    }

    /// <summary>All events, in order.</summary>
    public IReadOnlyList<RecordedEvent> Events { get; }

    /// <summary>The pieces of text that models streamed, joined.</summary>
    public string Text => string.Concat(Of("messages").Select(data => TextOf(data[0])));

    /// <summary>The nodes that ran, in the order in which they finished.</summary>
    public IReadOnlyList<string> Nodes =>
        [.. Of("updates").SelectMany(data => data.EnumerateObject()).Select(member => member.Name).Where(name => name != "__interrupt__")];

    /// <summary>The last state.</summary>
    /// <exception cref="ExpectationException">The stream has no states, because the mode <c>values</c> was not asked for.</exception>
    public JsonElement Values => Of("values") is [.., var last]
        ? last
        : throw new ExpectationException($"The stream has no event 'values'. It has: {Names()}.");

    /// <summary>The questions that the run waits on at its end.</summary>
    public IReadOnlyList<JsonElement> Questions =>
        Of("values")
            .Concat(Of("updates"))
            .LastOrDefault(data => data.TryGetProperty("__interrupt__", out _)) is { ValueKind: JsonValueKind.Object } pause
            ? [.. pause.GetProperty("__interrupt__").EnumerateArray().Select(interrupt => interrupt.GetProperty("value"))]
            : [];

    /// <summary>The data of all events of a name, also of graphs inside nodes.</summary>
    /// <param name="name">The name, such as <c>updates</c>; with a bar and a namespace only those of one graph.</param>
    public IReadOnlyList<JsonElement> Of(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return
        [
            .. Events.Where(e => e.Name == name || e.Name.StartsWith(name + "|", StringComparison.Ordinal)).Select(e => e.Data),
        ];
    }

    /// <summary>Checks the data of all events of a name.</summary>
    /// <param name="name">The name, such as <c>updates</c>.</param>
    /// <param name="json">The data of each event.</param>
    /// <exception cref="ExpectationException">There are other events.</exception>
    public void Expect(string name, [StringSyntax(StringSyntaxAttribute.Json)] params IReadOnlyList<string> json)
    {
        ArgumentNullException.ThrowIfNull(json);
        JsonMatch.Expect($"The events '{name}'", json, Of(name));
    }

    /// <summary>Checks the text that models streamed.</summary>
    /// <exception cref="ExpectationException">It is another text.</exception>
    public void ExpectText(string text)
    {
        if (Text != text)
        {
            throw new ExpectationException(
                $"""
                The streamed text is not as expected.
                expected: {text}
                but was:  {Text}
                """);
        }
    }

    /// <summary>Checks which nodes ran, in the order in which they finished.</summary>
    /// <exception cref="ExpectationException">Others ran.</exception>
    public void ExpectNodes(params IReadOnlyList<string> nodes)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        JsonMatch.ExpectNames("The nodes that ran", nodes, Nodes);
    }

    /// <summary>Checks the last state.</summary>
    /// <exception cref="ExpectationException">It is another state.</exception>
    public void ExpectValues([StringSyntax(StringSyntaxAttribute.Json)] string json) => JsonMatch.Expect("The state", json, Values);

    /// <summary>Checks the questions that the run waits on; none means that it has ended.</summary>
    /// <exception cref="ExpectationException">There are others.</exception>
    public void ExpectQuestions([StringSyntax(StringSyntaxAttribute.Json)] params IReadOnlyList<string> json)
    {
        ArgumentNullException.ThrowIfNull(json);
        JsonMatch.Expect("The questions", json, Questions);
    }

    /// <summary>The events, one on each line.</summary>
    public override string ToString() => string.Join(Environment.NewLine, Events);

    private static string TextOf(JsonElement message) =>
        !message.TryGetProperty("type", out var type) || type.GetString() is not ("AIMessageChunk" or "ai") ? ""
        : message.GetProperty("content") is { ValueKind: JsonValueKind.Array } blocks
            ? string.Concat(blocks.EnumerateArray().Select(block => block.TryGetProperty("text", out var text) ? text.GetString() : ""))
            : message.GetProperty("content").GetString() ?? "";

    private string Names() => Events.Count == 0 ? "nothing" : string.Join(", ", Events.Select(e => e.Name).Distinct());
}
