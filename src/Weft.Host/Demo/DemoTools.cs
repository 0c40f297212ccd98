using System.ComponentModel;
using System.Globalization;
using Microsoft.Extensions.AI;
using Weft.Agents;
using Weft.Graphs;

namespace Weft.Host.Demo;

/// <summary>The tools of the demo agent.</summary>
internal sealed class DemoTools
{
    private readonly ListChannel<string> _notes;

    /// <param name="notes">Where the thread's notes are kept.</param>
    public DemoTools(ListChannel<string> notes)
    {
        _notes = notes;
        All =
        [
            AIFunctionFactory.Create(Calculate, "calculator", "Computes an arithmetic expression."),
            AIFunctionFactory.Create(TellTime, "clock", "Tells the date and the time."),
            AIFunctionFactory.Create(AddNote, "add_note", "Keeps a note on this conversation."),
            AIFunctionFactory.Create(ListNotes, "list_notes", "Lists the notes of this conversation."),
            new ApprovalRequiredAIFunction(
                AIFunctionFactory.Create(SendEmail, "send_email", "Sends an e-mail, once the user has approved it.")),
        ];
    }

    public IReadOnlyList<AITool> All { get; }

    private static string Calculate([Description("The expression, such as 2*(3+4).")] string expression) =>
        Calculator.Evaluate(expression).ToString("G15", CultureInfo.InvariantCulture);

    private static string TellTime([Description("An IANA time zone, such as Europe/Berlin. Default: UTC.")] string? timeZone = null)
    {
        var zone = timeZone is null ? TimeZoneInfo.Utc : TimeZoneInfo.FindSystemTimeZoneById(timeZone);
        var clock = NodeContext.Current?.Time ?? TimeProvider.System;
        var now = TimeZoneInfo.ConvertTime(clock.GetUtcNow(), zone);
        return now.ToString("dddd, yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture) + $" ({zone.Id})";
    }

    private ToolOutput AddNote([Description("The note.")] string text) => new($"Noted: {text}", state => state.Add(_notes, text));

    private string ListNotes()
    {
        var notes = NodeContext.Current!.Get(_notes)!;
        return notes.Count == 0 ? "There are no notes yet." : string.Join('\n', notes.Select((note, index) => $"{index + 1}. {note}"));
    }

    private static string SendEmail(
        [Description("The address of the recipient.")] string to,
        [Description("The text.")] string body) =>
        $"Approved. This is a demo, so the e-mail of {body.Length} characters to {to} was not really sent.";
}
