using System.Diagnostics;

namespace Weft.Runs.Tests;

/// <summary>tests/Weft.AotSmoke as a process of its own: a program in which nothing is serialized by reflection.</summary>
public sealed class AheadOfTimeTests
{
    [Fact]
    public async Task Graphs_run_on_threads_without_reflection()
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Weft.AotSmoke.dll")]) { RedirectStandardOutput = true })!;

        var lines = (await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)).Trim().Split('\n');

        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        process.ExitCode.ShouldBe(0);
        lines.Length.ShouldBe(5);
        lines[0].ShouldStartWith("""Success {"plan":{"City":"Rome","Stops":["forum","tiber"]},"trail":["visit forum","visit tiber"],"days":2,"__interrupt__":[""");
        lines[1].ShouldBe("""Success {"plan":{"City":"Rome","Stops":["forum","tiber"]},"trail":["visit forum","visit tiber","Rome in 2 days"],"days":2}""");
        lines[2].ShouldContain("good?");
        lines[3].ShouldBe("""Success {"City":"Oslo","Stops":["draft","fine"]}""");
        lines[4].ShouldContain("""{"type":"object","properties":{"City":{"type":"string"},"Stops":{"type":"array","items":{"type":"string"}}},"required":["City","Stops"]}""");
    }
}
