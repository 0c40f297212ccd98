using System.Reflection;

namespace Weft.Host.Tests;

public sealed class PublicApiTests
{
    private const string Internal = "Weft.Storage";

    // Programs and templates, parts that packages contain, and one that has this test in a project of its own.
    private static readonly string[] Others =
        ["Weft.Graphs.Generator", "Weft.Host", "Weft.Storage.Move", "Weft.Templates", "Weft.Embeddings.Local", Internal];

    public static TheoryData<string> Packages =>
        [.. Directory.GetDirectories(WrittenApi.Folder).Select(folder => Path.GetFileName(folder)).Except(Others)];

    [Theory]
    [MemberData(nameof(Packages))]
    public void The_public_api_of_a_package_is_the_one_written_down(string package) => WrittenApi.Check(package);

    [Fact]
    public void What_storage_providers_share_is_not_public() => Assembly.Load(Internal).GetExportedTypes().ShouldBeEmpty();
}
