using System.Text.Json;
using Weft.Graphs;

namespace Weft.Server;

/// <summary>The command with which a client answers interrupts (docs/protocol/agui.md 7).</summary>
internal static class AgUiResume
{
    private static readonly string[] Members = ["resume", "goto", "update"];

    /// <summary>Returns the command of a request; null if it has none, or an empty one.</summary>
    /// <param name="input">The request.</param>
    /// <param name="open">The interrupts that wait for an answer.</param>
    /// <exception cref="Weft.Runs.WeftException">A field is wrong, or an interrupt does not wait.</exception>
    public static JsonElement? Read(RunAgentInput input, IReadOnlyCollection<Interrupt> open)
    {
        var command = AgUiFields.Object(input.ForwardedProps, "command", "forwardedProps");
        return input.Resume is { Count: > 0 } answers ? CommandOf(ReadAnswers(answers, open))
            : command is { } given && Members.Any(member => AgUiFields.Find(given, member) is not null) ? WithParsedText(given)
            : null;
    }

    private static List<(string Id, JsonElement Answer)> ReadAnswers(List<JsonElement> entries, IReadOnlyCollection<Interrupt> open)
    {
        var answers = new List<(string Id, JsonElement Answer)>();
        foreach (var (entry, index) in entries.Select((entry, index) => (entry, index)))
        {
            var place = $"resume[{index}]";
            AgUiFields.EnsureObject(entry, place);
            var id = AgUiFields.RequiredText(entry, "interruptId", place);
            var status = AgUiFields.RequiredText(entry, "status", place);
            if (status is not ("resolved" or "cancelled"))
            {
                throw AgUiFields.Wrong(place, "status", $"resolved or cancelled, not '{status}'");
            }

            if (open.All(interrupt => interrupt.Id != id))
            {
                throw Requests.Invalid(place + ".interruptId", $"No interrupt with the id {id} waits for an answer.");
            }

            if (answers.Exists(answer => answer.Id == id))
            {
                throw Requests.Invalid(place + ".interruptId", $"{id} is in the list twice.");
            }

            answers.Add((id, status == "resolved" ? AgUiFields.Find(entry, "payload") ?? GraphJson.Null : Cancelled(id)));
        }

        return answers;
    }

    /// <summary>Returns what a node gets in place of an answer that the person refused to give, as with @ag-ui/langgraph.</summary>
    private static JsonElement Cancelled(string id) => GraphJson.Parse(GraphJson.Encode(id, static (writer, id) =>
    {
        writer.WriteStartObject();
        writer.WriteBoolean("__agui_cancelled__"u8, true);
        writer.WriteString("interrupt_id"u8, id);
        writer.WriteEndObject();
    }));

    private static JsonElement CommandOf(List<(string Id, JsonElement Answer)> answers) =>
        GraphJson.Parse(GraphJson.Encode(answers, static (writer, answers) =>
        {
            writer.WriteStartObject();
            writer.WriteStartObject("resume"u8);
            foreach (var (id, answer) in answers)
            {
                writer.WritePropertyName(id);
                answer.WriteTo(writer);
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }));

    /// <summary>Clients send an answer as text that may be JSON, because the question is shown to them as text.</summary>
    private static JsonElement WithParsedText(JsonElement command)
    {
        if (AgUiFields.TextOrNull(command, "resume") is not { } text || EmbeddedJson.TryParse(text) is not { } answer)
        {
            return command;
        }

        return GraphJson.Parse(GraphJson.Encode((command, answer), static (writer, s) =>
        {
            writer.WriteStartObject();
            foreach (var member in s.command.EnumerateObject().Where(member => member.Name != "resume"))
            {
                member.WriteTo(writer);
            }

            writer.WritePropertyName("resume"u8);
            s.answer.WriteTo(writer);
            writer.WriteEndObject();
        }));
    }
}
