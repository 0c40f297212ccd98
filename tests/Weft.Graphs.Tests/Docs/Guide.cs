using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Weft.Graphs.Tests.Docs;

/// <summary>
/// The pages <see cref="Pages"/> of <c>docs</c> and the code they show. A block of C# follows the comment <c>snippet:
/// name</c> and is the text that stands between the lines <c>// snippet: name</c> and <c>// end</c> in a file of a
/// folder <c>Docs</c> of the tests. What the code prints is a block of text that follows the comment <c>prints:
/// name</c>. Settings that it reads are a block of JSON that follows the comment <c>settings: name</c>.
/// </summary>
internal static partial class Guide
{
    private static readonly string Root = Path.GetFullPath(Path.Combine(Here(), "..", "..", ".."));

    private static string[] Pages =>
        [
            "graphs.md", "agents.md", "agent-framework.md", "in-your-app.md", "mcp.md", "models.md", "remote-graphs.md", "testing.md",
            "from-langgraph-python.md", "from-semantic-kernel-and-agent-framework.md",
        ];

    /// <summary>The fenced blocks, each with the comment before it, or none.</summary>
    public static IReadOnlyList<(string Comment, string Language, string Text)> Blocks { get; } =
        [
            .. Pages.SelectMany(page => Fence().Matches(File.ReadAllText(Path.Combine(Root, "docs", page))))
                .Select(match => (match.Groups[1].Value, match.Groups[2].Value, match.Groups[3].Value.TrimEnd('\n'))),
        ];

    /// <summary>What the tests have for the guide, all files in one.</summary>
    public static string Code { get; } = string.Concat(Directory.EnumerateDirectories(Path.Combine(Root, "tests"))
        .Select(project => Path.Combine(project, "Docs"))
        .Where(Directory.Exists)
        .SelectMany(folder => Directory.EnumerateFiles(folder, "*Snippets.cs"))
        .Select(File.ReadAllText));

    /// <summary>The snippets of that code.</summary>
    public static IReadOnlyList<(string Name, string Text)> Snippets { get; } =
        [.. Snippet().Matches(Code).Select(match => (match.Groups[2].Value, Dedent(match.Groups[3].Value, match.Groups[1].Length)))];

    /// <summary>What the guide says that a snippet prints.</summary>
    public static string PrintsOf(string name) => Blocks.Single(block => block.Comment == $"prints: {name}").Text;

    /// <summary>Settings that the guide shows, as JSON.</summary>
    public static string SettingsOf(string name) => Blocks.Single(block => block.Comment == $"settings: {name}").Text;

    private static string Dedent(string text, int indent) =>
        string.Join('\n', text.TrimEnd('\n').Split('\n').Select(line => line.Length < indent ? line : line[indent..]));

    private static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;

    [GeneratedRegex("(?:^<!-- (.*?) -->\n)?^```(\\w*)\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex("^( *)// snippet: (\\S+)\n(.*?)^ *// end$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Snippet();
}
