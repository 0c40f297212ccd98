using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Weft.Server.Tests.Hosting;

/// <summary>
/// tests/Weft.AotSmoke as a process of its own: a program that serializes nothing by reflection. <c>./test</c> compares what it
/// prints with what it prints when it is compiled to native code.
/// </summary>
public sealed class AheadOfTimeTests
{
    // It starts about twenty servers.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task The_api_is_served_without_reflection()
    {
        var program = Path.Combine(AppContext.BaseDirectory, "Weft.AotSmoke.dll");
        using var process = Process.Start(new ProcessStartInfo("dotnet", [program]) { RedirectStandardOutput = true })!;

        var said = new StringBuilder();
        process.OutputDataReceived += (_, line) => said.AppendLine(line.Data);
        process.BeginOutputReadLine();

        try
        {
            await process.WaitForExitAsync(TestContext.Current.CancellationToken).Within(Limit, "the program to end");
        }
        catch (TimeoutException e)
        {
            process.Kill();
            await process.WaitForExitAsync(TestContext.Current.CancellationToken).Within("the program to be gone");
            throw new TimeoutException($"{e.Message} It had printed:\n{said}", e);
        }

        process.ExitCode.ShouldBe(0);
        var lines = said.ToString().Trim().Split('\n');
        lines[0].ShouldBe("""["inside"] {"plan":{"City":"Rome","Stops":["forum","tiber"]},"trail":["visit forum","visit tiber"],"days":2} "Ready?" """.TrimEnd());
        lines[1].ShouldBe("""[] {"plan":{"City":"Rome","Stops":["forum","tiber"]},"trail":["visit forum","visit tiber","Rome in 2 days"],"days":2}""");
        lines[2].ShouldContain("good?");
        lines[3].ShouldBe("""[] {"City":"Oslo","Stops":["draft","fine"]}""");
        lines[4].ShouldStartWith("""["ask"] {"plan":{"city":"Oslo","stops":["fjord","opera"]},"visited":[{"city":"fjord","stops":[]},""");
        lines[5].ShouldContain(""","days":2,"told":"2 days"}""");
        lines[6].ShouldBe("""{"City":"Oslo","Stops":["fjord"]} Oslo at step 2""");
        lines[7].ShouldBe("""{"plan":{"city":"Oslo","stops":[]},"notes":["Oslo costs 40","Ada pays 40","closed today"]}""");
        lines[8].ShouldBe("""{"plan":{"city":"Oslo","stops":["fjord"]},"plans":[{"city":"Oslo","stops":["fjord"]}]}""");
        lines[9].ShouldContain("""{"type":"object","properties":{"City":{"type":"string"},"Stops":{"type":"array","items":{"type":"string"}}},"required":["City","Stops"]}""");
        lines[10].ShouldContain("""{"type":"object","properties":{"city":{"type":"string"},"stops":{"type":"array","items":{"type":"string"}}},"required":["city","stops"]}""");
        JsonElement.Parse(string.Concat(lines[11..])).GetProperty("paths").Names().ShouldContain("/threads/{thread_id}/runs/wait");
    }
}
