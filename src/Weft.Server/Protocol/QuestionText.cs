using System.Text.Json;
using Weft.Graphs;

namespace Weft.Server;

/// <summary>Shows the question of an interrupt to clients that know only text.</summary>
internal static class QuestionText
{
    /// <summary>Returns a string as it is, and another value as its JSON.</summary>
    public static string Of(Interrupt interrupt) =>
        interrupt.Value.ValueKind == JsonValueKind.String ? interrupt.Value.GetString()! : interrupt.Value.GetRawText();
}
