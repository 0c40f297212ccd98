using System.Reflection;
using PublicApiGenerator;
using Weft.Host.Tests.Docs;

namespace Weft.Host.Tests;

/// <summary>
/// The public API of each package is written down in its folder, so that a change of it is seen. To accept a change, run these
/// tests with <c>WEFT_ACCEPT_API=1</c> and commit the files.
/// </summary>
public sealed class PublicApiTests
{
    [Theory]
    [InlineData("Weft.Graphs")]
    [InlineData("Weft.Runs")]
    [InlineData("Weft.Server")]
    [InlineData("Weft.Agents")]
    [InlineData("Weft.AgentFramework")]
    [InlineData("Weft.Mcp")]
    [InlineData("Weft.Models")]
    [InlineData("Weft.RemoteGraphs")]
    [InlineData("Weft.Cluster")]
    [InlineData("Weft.Storage.Postgres")]
    [InlineData("Weft.Storage.Sqlite")]
    [InlineData("Weft.Testing")]
    public void The_public_api_of_a_package_is_the_one_written_down(string package)
    {
        var api = Assembly.Load(package)
            .GeneratePublicApi(new ApiGeneratorOptions { IncludeAssemblyAttributes = false })
            .ReplaceLineEndings("\n") + "\n";
        var file = Path.Combine(OperationsGuide.Root, "src", package, "PublicApi.txt");
        if (Environment.GetEnvironmentVariable("WEFT_ACCEPT_API") == "1")
        {
            File.WriteAllText(file, api);
        }

        File.ReadAllText(file)
            .ShouldBe(api, "The API has changed. If that is meant, run this test with WEFT_ACCEPT_API=1 and commit the file.");
    }
}
