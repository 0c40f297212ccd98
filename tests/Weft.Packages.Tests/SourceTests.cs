using System.IO.Compression;
using System.Text;
using System.Xml.Linq;

namespace Weft.Packages.Tests;

/// <summary>From which sources a package was made, and whether they make the same one again.</summary>
public sealed class SourceTests(PackageFeed feed)
{
    private const string Project = "src/Weft.Graphs/Weft.Graphs.csproj";

    [Fact]
    public async Task Two_clones_in_different_folders_give_the_same_package_which_links_to_its_sources()
    {
        var (first, commit) = await PackAsync("clone");
        var (second, _) = await PackAsync("other/place/of/the/same");

        first.Keys.ShouldBe(second.Keys, ignoreOrder: true);
        first.Keys.ShouldContain("lib/net10.0/Weft.Graphs.dll");
        first.ShouldAllBe(file => file.Value.SequenceEqual(second[file.Key]));
        Encoding.UTF8.GetString(first["lib/net10.0/Weft.Graphs.pdb"])
            .ShouldContain($"https://raw.githubusercontent.com/example/weft/{commit}/*");
        var repository = XDocument.Parse(Encoding.UTF8.GetString(first["Weft.Graphs.nuspec"]).TrimStart('\uFEFF'))
            .Descendants().Single(element => element.Name.LocalName == "repository");
        ((string?)repository.Attribute("url")).ShouldBe("https://github.com/example/weft.git");
        ((string?)repository.Attribute("commit")).ShouldBe(commit);
    }

    /// <summary>Packs the engine in a clone. Returns the files of the package and of its symbols, and the commit.</summary>
    private async Task<(Dictionary<string, byte[]> Files, string Commit)> PackAsync(string folder)
    {
        Directory.CreateDirectory(Path.Combine(feed.Folder, folder));
        var there = feed.In(folder);
        await there.RunProgramAsync("git", "", "clone", "--quiet", PackageFeed.Root, ".");
        await there.RunProgramAsync("git", "", "remote", "set-url", "origin", "https://github.com/example/weft.git");
        await there.RunAsync("pack", Project, "-c", "Release", "-o", "packed", "-v", "quiet", "-nodeReuse:false");
        var files = new Dictionary<string, byte[]>();
        foreach (var file in Directory.GetFiles(Path.Combine(feed.Folder, folder, "packed"), "Weft.Graphs.*"))
        {
            using var package = ZipFile.OpenRead(file);
            foreach (var entry in package.Entries.Where(entry => entry.FullName.StartsWith("Weft.", StringComparison.Ordinal)
                || entry.FullName.StartsWith("lib/", StringComparison.Ordinal)
                || entry.FullName.StartsWith("analyzers/", StringComparison.Ordinal)))
            {
                using var content = new MemoryStream();
                await using (var stream = entry.Open())
                {
                    await stream.CopyToAsync(content, TestContext.Current.CancellationToken);
                }

                files.TryAdd(entry.FullName, content.ToArray());
            }
        }

        return (files, (await there.RunProgramAsync("git", "", "rev-parse", "HEAD")).Trim());
    }
}
