using System.Text.RegularExpressions;

namespace Weft.Host.Models;

/// <summary>A phrase that the offline stand-in takes for the wish to call a tool.</summary>
internal sealed partial record OfflineIntent(string Tool, Dictionary<string, object?> Arguments)
{
    /// <summary>Returns the wish; null when the text is no such phrase.</summary>
    public static OfflineIntent? Of(string text)
    {
        text = text.Trim();
        if (Calculation().Match(text.TrimEnd('?', '=', ' ')) is { Success: true } calculation)
        {
            return new("calculator", new() { ["expression"] = calculation.Groups["expression"].Value });
        }

        if (Time().Match(text) is { Success: true } time)
        {
            return new("clock", time.Groups["zone"] is { Success: true } zone ? new() { ["timeZone"] = zone.Value } : []);
        }

        if (Notes().IsMatch(text))
        {
            return new("list_notes", []);
        }

        if (Note().Match(text) is { Success: true } note)
        {
            return new("add_note", new() { ["text"] = note.Groups["text"].Value.Trim() });
        }

        return Email().Match(text) is { Success: true } email
            ? new("send_email", new() { ["to"] = email.Groups["to"].Value, ["body"] = email.Groups["body"].Value.Trim() })
            : null;
    }

    [GeneratedRegex(
        @"^(?:(?:please\s+)?(?:calculate|compute)\s+|what(?:'s|\s+is)\s+)(?<expression>[-−+(.\d][-−+*/×÷%^().\d\s]*)$",
        RegexOptions.IgnoreCase)]
    private static partial Regex Calculation();

    [GeneratedRegex(
        @"^what(?:'s|\s+is)?\s+(?:the\s+)?time(?:\s+is\s+it)?(?:\s+(?:in|at)\s+(?<zone>[\w/+-]+))?\s*\??$",
        RegexOptions.IgnoreCase)]
    private static partial Regex Time();

    [GeneratedRegex(@"^(?:please\s+)?(?:list|show)\s+(?:me\s+)?(?:all\s+|my\s+|the\s+)*notes\s*[.?]?$", RegexOptions.IgnoreCase)]
    private static partial Regex Notes();

    [GeneratedRegex(
        @"^(?:note(?:\s+that|:)|remember(?:\s+that|\s+to|:)?)\s+(?<text>\S.*)$",
        RegexOptions.IgnoreCase | RegexOptions.Singleline)]
    private static partial Regex Note();

    [GeneratedRegex(
        @"^(?:please\s+)?(?:send\s+(?:an?\s+)?)?e-?mail\s+(?:to\s+)?(?<to>[^\s@:]+@[^\s@:]+)\s*:\s*(?<body>\S.*)$",
        RegexOptions.IgnoreCase | RegexOptions.Singleline)]
    private static partial Regex Email();
}
