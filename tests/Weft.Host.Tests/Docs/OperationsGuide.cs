using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Weft.Host.Tests.Docs;

/// <summary><c>docs/operations.md</c>: its code blocks and the rows of its tables, with those of <c>docs/scale.md</c>.</summary>
internal static partial class OperationsGuide
{
    public static string Root { get; } = Path.GetFullPath(Path.Combine(Here(), "..", "..", ".."));

    public static string Text { get; } = File.ReadAllText(Path.Combine(Root, "docs", "operations.md"));

    /// <summary>The options and their defaults, as the tables show them.</summary>
    public static IReadOnlyList<(string Option, string Default)> Options { get; } =
        [.. Row().Matches(Text + File.ReadAllText(Path.Combine(Root, "docs", "scale.md")))
            .Select(match => (match.Groups[1].Value, match.Groups[2].Value))];

    /// <summary>The code blocks of a language.</summary>
    public static IReadOnlyList<string> Blocks(string language) =>
        [.. Fence().Matches(Text).Where(match => match.Groups[1].Value == language).Select(match => match.Groups[2].Value)];

    private static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;

    [GeneratedRegex(@"^\| `(Weft:\w+:[\w:{}]+)` \| (.*?) \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex("^```(\\w+)\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();
}
