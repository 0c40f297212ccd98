using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Weft.Server.Tests.Docs;

/// <summary>The pages of <c>docs/protocol</c> have what comments and other pages refer to.</summary>
public sealed partial class ProtocolTests
{
    private static readonly string Root = Path.GetFullPath(Path.Combine(Here(), "..", "..", ".."));
    private static readonly string Pages = Path.Combine(Root, "docs", "protocol");

    [Fact]
    public void Every_section_that_the_code_cites_is_a_heading_of_its_page()
    {
        var headings = Directory.EnumerateFiles(Pages, "*.md").ToDictionary(file => Path.GetFileName(file), Sections);
        var citations = Sources().SelectMany(Citations).ToList();

        citations.Count.ShouldBeGreaterThan(100);
        citations.Where(citation => !headings.TryGetValue(citation.Page, out var sections) || !citation.Sections.All(sections.Contains))
            .Select(citation => $"{citation.File}: docs/protocol/{citation.Page} {string.Join(", ", citation.Sections)}")
            .ShouldBeEmpty();
    }

    [Fact]
    public void Every_link_between_the_pages_leads_to_a_file_and_a_heading()
    {
        var links = from page in Directory.EnumerateFiles(Pages, "*.md")
                    from Match link in Link().Matches(File.ReadAllText(page))
                    let target = link.Groups[1].Length == 0 ? page : Path.Combine(Pages, link.Groups[1].Value)
                    where !File.Exists(target) || link.Groups[2].Success && !Anchors(target).Contains(link.Groups[2].Value)
                    select $"{Path.GetFileName(page)}: {link.Value}";

        links.ShouldBeEmpty();
    }

    private static IEnumerable<string> Sources() =>
        new[] { "src", "tests" }.SelectMany(
            folder => Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories))
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal));

    /// <summary>The citations of a file. A citation may go on in the next line of its comment.</summary>
    private static IEnumerable<(string File, string Page, string[] Sections)> Citations(string file) =>
        Citation().Matches(NextLine().Replace(File.ReadAllText(file), " ")).Select(match =>
            (Path.GetRelativePath(Root, file), match.Groups[1].Value, Section().Matches(match.Groups[2].Value).Select(section => section.Value).ToArray()));

    private static HashSet<string> Sections(string page) =>
        [.. SectionHeading().Matches(File.ReadAllText(page)).Select(match => match.Groups[1].Value)];

    /// <summary>The anchors that GitHub gives to the headings of a page.</summary>
    private static HashSet<string> Anchors(string page) =>
        [.. Heading().Matches(File.ReadAllText(page)).Select(match =>
            Punctuation().Replace(match.Groups[1].Value, "").ToLowerInvariant().Replace(' ', '-'))];

    private static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;

    [GeneratedRegex(@"docs/protocol/([\w-]+\.md)((?:(?:,| and| to)? [A-H]\d+)*)")]
    private static partial Regex Citation();

    [GeneratedRegex(@"[A-H]\d+")]
    private static partial Regex Section();

    [GeneratedRegex(@"\r?\n *//+ ")]
    private static partial Regex NextLine();

    [GeneratedRegex(@"^## ([A-H]\d+)\. ", RegexOptions.Multiline)]
    private static partial Regex SectionHeading();

    [GeneratedRegex(@"^#+ (.+?)\r?$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex Punctuation();

    [GeneratedRegex(@"\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)")]
    private static partial Regex Link();
}
