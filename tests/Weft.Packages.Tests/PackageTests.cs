using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Xml.Linq;

namespace Weft.Packages.Tests;

/// <summary>What is in the packages.</summary>
public sealed class PackageTests(PackageFeed feed)
{
    // Packages without an assembly that others use.
    private static readonly string[] Programs = ["Weft.Host", "Weft.Templates"];

    // Tests of storage for those who write one.
    private static readonly string[] Others = ["Weft.Storage.TestKit"];

    [Fact]
    public void There_is_a_package_of_each_project_that_is_meant_to_be_used()
    {
        string[] parts = ["Weft.Graphs.Generator", "Weft.Storage.Move"];
        var expected = Directory.GetDirectories(Path.Combine(PackageFeed.Root, "src")).Select(folder => Path.GetFileName(folder))
            .Except(parts).Concat(Others);

        Ids().ShouldBe(expected, ignoreOrder: true);
    }

    [Fact]
    public void Each_package_says_what_it_is()
    {
        foreach (var id in Ids())
        {
            using var package = Open(id);
            var metadata = Metadata(package, id);
            string? Of(string name) => metadata.Elements().FirstOrDefault(element => element.Name.LocalName == name)?.Value;

            Of("version").ShouldBe(PackageFeed.Version, id);
            Of("license").ShouldBe("MIT", id);
            Of("icon").ShouldBe("icon.png", id);
            Of("readme").ShouldBe("README.md", id);
            Of("authors").ShouldBe("Weft contributors", id);
            Of("description").ShouldNotBeNullOrWhiteSpace(id);
            Of("description").ShouldNotBe("Package Description", id);
            Of("tags").ShouldNotBeNull(id).ShouldContain("langgraph", Case.Sensitive, id);
            package.GetEntry("README.md").ShouldNotBeNull(id);
            package.GetEntry("icon.png").ShouldNotBeNull(id);
        }
    }

    [Fact]
    public void Libraries_have_documentation_and_symbols()
    {
        foreach (var id in Ids().Except(Others).Except(Programs))
        {
            using var package = Open(id);
            using var symbols = Open(id, ".snupkg");

            package.GetEntry($"lib/net10.0/{id}.dll").ShouldNotBeNull(id);
            package.GetEntry($"lib/net10.0/{id}.xml").ShouldNotBeNull(id);
            symbols.GetEntry($"lib/net10.0/{id}.pdb").ShouldNotBeNull(id);
        }
    }

    [Fact]
    public void The_generator_of_typed_states_reaches_all_who_use_the_engine()
    {
        using var graphs = Open("Weft.Graphs");
        using var server = Open("Weft.Server");
        using var runs = Open("Weft.Runs");

        graphs.GetEntry("analyzers/dotnet/cs/Weft.Graphs.Generator.dll").ShouldNotBeNull();
        Excluded(server, "Weft.Server", "Weft.Runs").ShouldBeNull();
        Excluded(runs, "Weft.Runs", "Weft.Graphs").ShouldBeNull();
    }

    [Fact]
    public void The_tool_names_the_libraries_that_it_contains()
    {
        using var tool = Open("Weft.Host");
        using var notices = new StreamReader(tool.GetEntry("THIRD-PARTY-NOTICES.md").ShouldNotBeNull().Open());
        using var description = tool.GetEntry("tools/net10.0/any/Weft.Host.deps.json").ShouldNotBeNull().Open();
        using var dependencies = JsonDocument.Parse(description);

        var contained = dependencies.RootElement.GetProperty("targets").EnumerateObject().Single().Value.EnumerateObject()
            .Where(library => library.Value.TryGetProperty("runtime", out _) || library.Value.TryGetProperty("runtimeTargets", out _))
            .Select(library => library.Name.Split('/')[0])
            .Where(name => !name.StartsWith("Weft.", StringComparison.Ordinal));

        notices.ReadToEnd().Split('\n').Where(line => line.StartsWith("- ", StringComparison.Ordinal)).Select(line => line[2..])
            .ShouldBe(contained, ignoreOrder: true);
    }

#if !DEBUG
    // A debugger needs the folder, so only release builds leave it out.
    [Fact]
    public void Nothing_names_the_folder_that_it_was_built_in()
    {
        var root = Encoding.UTF8.GetBytes(PackageFeed.Root + Path.DirectorySeparatorChar);
        foreach (var file in Directory.GetFiles(feed.Packages))
        {
            using var package = ZipFile.OpenRead(file);
            foreach (var entry in package.Entries.Where(entry => entry.Name.StartsWith("Weft.", StringComparison.Ordinal) || entry.Name.EndsWith(".nuspec")))
            {
                using var content = new MemoryStream();
                using (var stream = entry.Open())
                {
                    stream.CopyTo(content);
                }

                content.GetBuffer().AsSpan(0, (int)content.Length).IndexOf(root).ShouldBe(-1, $"{entry.FullName} of {Path.GetFileName(file)}");
            }
        }
    }
#endif

    private static string? Excluded(ZipArchive package, string id, string dependency) =>
        Metadata(package, id).Descendants()
            .Single(element => element.Name.LocalName == "dependency" && (string?)element.Attribute("id") == dependency)
            .Attribute("exclude")?.Value;

    private static XElement Metadata(ZipArchive package, string id)
    {
        using var stream = package.GetEntry($"{id}.nuspec").ShouldNotBeNull(id).Open();
        return XDocument.Load(stream).Root!.Elements().First();
    }

    private IEnumerable<string> Ids() => Directory.GetFiles(feed.Packages, "*.nupkg")
        .Select(file => Path.GetFileName(file)[..^$".{PackageFeed.Version}.nupkg".Length]);

    private ZipArchive Open(string id, string extension = ".nupkg") =>
        ZipFile.OpenRead(Path.Combine(feed.Packages, $"{id}.{PackageFeed.Version}{extension}"));
}
