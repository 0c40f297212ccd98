using System.Text.Json;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Server;

/// <summary>Makes the answer to questions of nodes from a message of a user (docs/protocol/openai.md 2).</summary>
internal static class QuestionAnswer
{
    /// <summary>Returns the command that resumes a run; null if no question is open, or the last message is not a user's.</summary>
    /// <param name="interruptIds">The questions that are open. All of them get the same answer.</param>
    /// <param name="messages">The messages of the request.</param>
    public static JsonElement? CommandOf(IReadOnlyList<string> interruptIds, IReadOnlyList<InputMessage> messages)
    {
        if (interruptIds.Count <= 1)
        {
            return interruptIds.Count == 0 ? null : CommandOf(messages);
        }

        return AnswerIn(messages) is not { } answer ? null : CommandOf((interruptIds, answer), static (writer, s) =>
        {
            writer.WriteStartObject();
            foreach (var id in s.interruptIds)
            {
                writer.WritePropertyName(id);
                s.answer.WriteTo(writer);
            }

            writer.WriteEndObject();
        });
    }

    /// <summary>Returns the command that answers the only question of a state; null if the last message is not a user's.</summary>
    public static JsonElement? CommandOf(IReadOnlyList<InputMessage> messages) =>
        AnswerIn(messages) is { } answer ? CommandOf(answer, static (writer, answer) => answer.WriteTo(writer)) : null;

    /// <summary>Returns the ids of the questions of a thread that has no unfinished run.</summary>
    public static IReadOnlyList<string> OpenIn(ThreadRecord thread) => thread.Status != ThreadStatus.Interrupted
        ? []
        :
        [
            .. JsonElement.Parse(thread.Interrupts).EnumerateObject()
                .SelectMany(static task => task.Value.EnumerateArray())
                .Select(static interrupt => interrupt.GetProperty("id"u8).GetString()!),
        ];

    private static JsonElement CommandOf<TState>(TState state, Action<Utf8JsonWriter, TState> writeAnswer) =>
        GraphJson.Parse(GraphJson.Encode((state, writeAnswer), static (writer, s) =>
        {
            writer.WriteStartObject();
            writer.WritePropertyName("resume"u8);
            s.writeAnswer(writer, s.state);
            writer.WriteEndObject();
        }));

    private static JsonElement? AnswerIn(IReadOnlyList<InputMessage> messages) =>
        messages is [.., { Role: "user" } last] ? Read(last) : null;

    /// <summary>Text that is a JSON object or list is taken as JSON, because some nodes ask for an answer with members.</summary>
    private static JsonElement Read(InputMessage message)
    {
        var text = Message.FromJson(message.Json).Text;
        return text.AsSpan().TrimStart() is ['{' or '[', ..] && EmbeddedJson.TryParse(text) is { } json
            ? json
            : GraphJson.ToElement(text);
    }
}
