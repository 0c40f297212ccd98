using System.Text.Json.Serialization;
using Weft.Graphs;

namespace Weft.ConformanceHost.Graphs;

/// <summary>A workflow: writes a draft, asks whether it is good, and knows the drafts of the turns before.</summary>
internal static class EssayFixture
{
    public static CompiledGraph Create() => Workflow.Create<Topic, Essay>("essay", async (topic, context, cancellationToken) =>
    {
        var drafts = 0;
        var draft = await context.StepAsync(
            "draft",
            _ =>
            {
                drafts++;
                context.Node.Write("drafting");
                return Task.FromResult($"An essay about {topic.Name}");
            },
            cancellationToken: cancellationToken);
        var verdict = context.Interrupt($"Is \"{draft}\" good?").GetString()!;
        return new Essay(draft, verdict, [.. context.Previous<Essay>()?.Earlier ?? [], topic.Name], drafts);
    });

    private sealed record Topic([property: JsonPropertyName("topic")] string Name);

    /// <param name="Text">The draft.</param>
    /// <param name="Verdict">What was answered.</param>
    /// <param name="Earlier">The topics of this turn and those before.</param>
    /// <param name="Drafts">How often the last try of this turn wrote a draft.</param>
    private sealed record Essay(
        [property: JsonPropertyName("text")] string Text,
        [property: JsonPropertyName("verdict")] string Verdict,
        [property: JsonPropertyName("topics")] IReadOnlyList<string> Earlier,
        [property: JsonPropertyName("drafts")] int Drafts);
}
