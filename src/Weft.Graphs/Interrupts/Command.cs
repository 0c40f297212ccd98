using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Weft.Graphs;

/// <summary>
/// An update with destinations. A node returns <see cref="Update"/> and <see cref="Goto"/>. As the input of a run,
/// these two have the same effect as if a node had returned them, and <see cref="Resume"/> answers pending interrupts
/// (docs/protocol/runs.md C7).
/// </summary>
public sealed record Command
{
    /// <summary>The writes.</summary>
    public StateUpdate? Update { get; init; }

    /// <summary>The next destinations, in addition to the pending tasks.</summary>
    public IReadOnlyList<Destination> Goto { get; init; } = [];

    /// <summary>
    /// From a node of a subgraph: whether the command is for the graph around it. The subgraph ends there.
    /// </summary>
    public bool ToParent { get; init; }

    /// <summary>
    /// With <see cref="ToParent"/>: whether the graph around also gets the state of the subgraph, with what this command and the
    /// other tasks of the superstep write to it. Those tasks are not cancelled.
    /// </summary>
    internal bool BringsState { get; init; }

    /// <summary>The answer: one value for the one pending interrupt, or an object of interrupt id to value.</summary>
    public JsonElement? Resume { get; init; }

    /// <summary>Whether an unknown id in <see cref="Resume"/> fails the run instead of being ignored.</summary>
    public bool StrictResume { get; init; }

    /// <summary>
    /// Returns the command that answers: with a value for the one pending interrupt, or with a dictionary of interrupt
    /// id to value.
    /// </summary>
    /// <param name="answer">The answer.</param>
    /// <param name="typeInfo">How it becomes JSON; null means names as declared, or those of <see cref="GraphJson.Configure"/>.</param>
    public static Command ResumeWith<T>(T answer, JsonTypeInfo<T>? typeInfo = null) =>
        new() { Resume = GraphJson.ToElement(answer, typeInfo ?? GraphJson.PassedTypeInfo<T>()) };

    internal void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        if (Resume is { } answer)
        {
            writer.WritePropertyName("resume"u8);
            answer.WriteTo(writer);
        }

        if (Update is not null)
        {
            writer.WritePropertyName("update"u8);
            StateUpdate.WriteTo(writer, Update.Writes);
        }

        if (Goto.Count > 0)
        {
            writer.WritePropertyName("goto"u8);
            Destination.WriteAll(writer, Goto);
        }

        writer.WriteEndObject();
    }
}
