using System.Text;
using System.Text.RegularExpressions;

namespace Weft.Host.Tests.Docs;

/// <summary>The links of all pages of this repository lead to files and headings that exist.</summary>
public sealed partial class LinkTests
{
    private static readonly string[] NotOurs = ["bin", "obj", "node_modules", "artifacts", ".git", "TestResults"];

    [Fact]
    public void Links_lead_to_files_and_headings()
    {
        var pages = Pages(OperationsGuide.Root).ToList();
        pages.Count.ShouldBeGreaterThan(20);

        pages.SelectMany(Broken).ShouldBeEmpty();
    }

    [Fact]
    public void The_site_has_every_page_and_the_api_of_every_package()
    {
        string Read(string file) => File.ReadAllText(Path.Combine(OperationsGuide.Root, file));
        var (contents, site) = (Read("docs/toc.yml"), Read("docfx.json"));

        Directory.GetFiles(Path.Combine(OperationsGuide.Root, "docs"), "*.md")
            .ShouldAllBe(page => contents.Contains($"href: {Path.GetFileName(page)}\n", StringComparison.Ordinal));
        Directory.GetFiles(Path.Combine(OperationsGuide.Root, "src"), "PublicApi.txt", SearchOption.AllDirectories)
            .Select(api => Path.GetFileName(Path.GetDirectoryName(api)!))
            .ShouldAllBe(package => site.Contains($"/{package}.dll", StringComparison.Ordinal));
    }

    private static IEnumerable<string> Pages(string folder) => Directory.EnumerateFiles(folder, "*.md")
        .Concat(Directory.EnumerateDirectories(folder).Where(inside => !NotOurs.Contains(Path.GetFileName(inside))).SelectMany(Pages));

    private static IEnumerable<string> Broken(string page)
    {
        foreach (var link in Link().Matches(WithoutCode(File.ReadAllText(page))).Select(match => match.Groups[1].Value))
        {
            if (link.Contains("://", StringComparison.Ordinal) || link.StartsWith("mailto:", StringComparison.Ordinal))
            {
                continue;
            }

            var parts = link.Split('#', 2);
            var target = parts[0].Length == 0 ? page : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(page)!, parts[0]));
            var isFound = parts.Length == 1
                ? File.Exists(target) || Directory.Exists(target)
                : File.Exists(target) && Anchors(target).Contains(parts[1]);
            if (!isFound)
            {
                yield return $"{Path.GetRelativePath(OperationsGuide.Root, page)}: {link}";
            }
        }
    }

    /// <summary>The anchors of headings, as the web sites of Git make them.</summary>
    private static HashSet<string> Anchors(string page)
    {
        var anchors = new HashSet<string>();
        foreach (Match heading in Heading().Matches(Fence().Replace(File.ReadAllText(page), "")))
        {
            var text = LinkText().Replace(heading.Groups[1].Value, "$1");
            var anchor = new StringBuilder();
            foreach (var letter in text.Trim().ToLowerInvariant())
            {
                anchor.Append(char.IsLetterOrDigit(letter) || letter is '-' or '_' ? $"{letter}" : letter == ' ' ? "-" : "");
            }

            var name = anchor.ToString();
            for (var number = 1; !anchors.Add(name); number++)
            {
                name = $"{anchor}-{number}";
            }
        }

        return anchors;
    }

    private static string WithoutCode(string text) => InlineCode().Replace(Fence().Replace(text, ""), "");

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"\[([^\]]*)\]\([^)]*\)")]
    private static partial Regex LinkText();

    [GeneratedRegex("^#{1,6} (.*)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex("^ *```.*?^ *```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex("`[^`\n]*`")]
    private static partial Regex InlineCode();
}
