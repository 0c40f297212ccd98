using Weft.Host.Commands;

namespace Weft.Host.Tests.Commands;

public sealed class DevCommandTests : HostTests
{
    [Fact]
    public void The_only_project_of_the_folder_is_run()
    {
        var project = Add("Mine.csproj");

        DevCommand.FindProject(Folder).ShouldBe(project);
        DevCommand.Arguments(project, []).ShouldBe(["watch", "--project", project, "run"]);
        DevCommand.Arguments(project, ["--urls", "x"]).ShouldBe(["watch", "--project", project, "run", "--", "--urls", "x"]);
    }

    [Theory]
    [InlineData("Mine/Mine.csproj")]
    [InlineData("src/Mine/Mine.fsproj")]
    public void In_a_folder_with_a_solution_it_is_the_one_below_that_is_not_a_test(string path)
    {
        var project = Add(path);
        Add("Mine.Tests/Mine.Tests.csproj");

        DevCommand.FindProject(Folder).ShouldBe(project);
    }

    [Fact]
    public void Several_projects_are_named()
    {
        Add("src/One/One.csproj");
        Add("src/Two/Two.csproj");

        Should.Throw<CommandLineException>(() => DevCommand.FindProject(Folder)).Message.ShouldBe(
            $"There are several projects: {Path.Combine("src", "One", "One.csproj")}, {Path.Combine("src", "Two", "Two.csproj")}. "
            + "Name one with --project. See --help.");
    }

    [Fact]
    public async Task Without_a_project_it_says_how_to_make_one()
    {
        var (code, _, error) = await HostProcess.RunAsync(Folder, [], "dev");

        code.ShouldBe(1);
        error.ShouldStartWith($"There is no project in '{Folder}'. 'dotnet new weft' creates one (dotnet new install Weft.Templates), ");
    }

    [Theory]
    [InlineData("", null, "")]
    [InlineData("--project a.csproj", "a.csproj", "")]
    [InlineData("--project a.csproj -- --urls x --help", "a.csproj", "--urls x --help")]
    [InlineData("-- one", null, "one")]
    public void Arguments_after_two_dashes_are_those_of_the_program(string arguments, string? project, string passed)
    {
        var parsed = DevCommand.Parse(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        parsed.Project.ShouldBe(project);
        string.Join(' ', parsed.Passed).ShouldBe(passed);
    }

    [Theory]
    [InlineData("--urls x", "Unexpected argument '--urls'. Arguments for the program come after '--': weft dev -- --urls x.")]
    [InlineData("--project", "--project needs a value.")]
    public void Other_arguments_are_refused(string arguments, string message) =>
        Should.Throw<CommandLineException>(() => DevCommand.Parse(arguments.Split(' '))).Message.ShouldBe($"{message} See --help.");

    private string Add(string path)
    {
        var file = Path.Combine([Folder, .. path.Split('/')]);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, "<Project />");
        return file;
    }
}
