using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Weft.Server.Tests;

namespace Weft.Mcp.Tests;

/// <summary>Tools of real servers, made with the official SDK, over both transports.</summary>
public sealed class McpToolsetTests
{
    [Theory]
    [InlineData("stdio")]
    [InlineData("http")]
    [InlineData("sessions")]
    public async Task The_tools_of_a_server_can_be_called(string transport)
    {
        using var host = transport == "stdio" ? null : await McpHost.StartAsync(transport == "sessions");
        await using var tools = await ConnectAsync(host is null ? McpHost.Stdio() : Http(host));

        (await tools.CallAsync("echo", ("text", "hello"))).ShouldBe("hello");
        var echo = tools.Find("echo");
        echo.Description.ShouldBe("Says it again.");
        echo.JsonSchema.GetProperty("properties").GetProperty("text").GetProperty("type").GetString().ShouldBe("string");
    }

    [Fact]
    public async Task Content_becomes_content_and_structured_content_an_artifact()
    {
        await using var tools = await ConnectAsync(McpHost.Stdio());

        var picture = (await tools.CallAsync("picture")).ShouldBeOfType<List<AIContent>>();
        picture[0].ShouldBeOfType<TextContent>().Text.ShouldBe("Here it is.");
        picture[1].ShouldBeOfType<DataContent>().MediaType.ShouldBe("image/png");
        picture[2].ShouldBeOfType<TextContent>().Text.ShouldBe("a note");
        picture[3].ShouldBeOfType<UriContent>().Uri.ShouldBe(new Uri("https://files.example/a.pdf"));
        var sum = (await tools.CallAsync("sum", ("a", 2), ("b", 3))).ShouldBeOfType<Agents.ToolOutput>();
        sum.Artifact!.Value.GetProperty("total").GetInt32().ShouldBe(5);
        JsonElement.Parse(sum.Text).GetProperty("total").GetInt32().ShouldBe(5);
    }

    [Fact]
    public async Task A_tool_that_fails_throws_what_it_says()
    {
        await using var tools = await ConnectAsync(McpHost.Stdio());

        (await Should.ThrowAsync<McpServerException>(async () => await tools.CallAsync("fail"))).Message.ShouldBe("The disk is full.");
        (await Should.ThrowAsync<McpServerException>(async () => await tools.CallAsync("echo"))).Message.ShouldNotBeEmpty();
    }

    [Theory]
    [InlineData(McpApproval.None, "")]
    [InlineData(McpApproval.Always, "append,delete,echo,plain")]
    [InlineData(McpApproval.ByAnnotations, "delete,plain")]
    public async Task Approval_is_as_the_policy_says(McpApproval approval, string expected)
    {
        await using var tools = await ConnectAsync(McpHost.Stdio(configure: options =>
        {
            options.Approval = approval;
            Choose(options, "append", "delete", "echo", "plain");
        }));

        string.Join(',', tools.Tools.Where(static tool => tool.GetService<ApprovalRequiredAIFunction>() is not null)
            .Select(static tool => tool.Name).Order(StringComparer.Ordinal)).ShouldBe(expected);
    }

    [Fact]
    public async Task A_tool_may_have_a_policy_of_its_own()
    {
        await using var tools = await ConnectAsync(McpHost.Stdio(configure: options =>
        {
            options.Approval = McpApproval.Always;
            options.ToolApproval["echo"] = McpApproval.None;
        }));

        tools.Find("echo").GetService<ApprovalRequiredAIFunction>().ShouldBeNull();
        tools.Find("sum").GetService<ApprovalRequiredAIFunction>().ShouldNotBeNull();
    }

    [Fact]
    public async Task Tools_of_two_servers_get_the_names_of_their_servers_if_they_collide()
    {
        var options = new McpToolsetOptions();
        options.Servers["one"] = McpHost.Stdio(configure: one => Choose(one, "echo", "sum"));
        options.Servers["two"] = McpHost.Stdio(configure: two => Choose(two, "echo", "plain"));
        options.Servers["three"] = McpHost.Stdio(configure: three =>
        {
            Choose(three, "echo");
            three.Prefix = "my.";
        });
        await using var tools = await ConnectAsync(options);

        tools.Tools.Select(static tool => tool.Name).ShouldBe(["one_echo", "sum", "two_echo", "plain", "my_echo"], ignoreOrder: true);
        (await tools.CallAsync("two_echo", ("text", "hi"))).ShouldBe("hi");
        tools.ToolsOf("one").Count.ShouldBe(2);
        Should.Throw<ArgumentException>(() => tools.ToolsOf("four")).Message.ShouldContain("one, two, three");
    }

    [Fact]
    public async Task Options_that_are_wrong_are_refused_by_name()
    {
        (await RefusedAsync<ArgumentException>(new McpConnectionOptions())).ShouldContain("either a Command or a Url");
        (await RefusedAsync<ArgumentException>(new McpConnectionOptions { Url = new Uri("ftp://a.example") })).ShouldContain("ftp://a.example");
        (await RefusedAsync<ArgumentException>(McpHost.Stdio(configure: options => options.ToolApproval["ecko"] = McpApproval.Always)))
            .ShouldContain("'ecko'");
        (await RefusedAsync<ArgumentException>(McpHost.Stdio(configure: options => options.Tools.Add("ecko")))).ShouldContain("'ecko'");
        (await RefusedAsync<McpServerException>(new McpConnectionOptions { Command = "no-such-program" })).ShouldContain("'test'");
    }

    [Fact]
    public async Task Servers_are_read_from_a_configuration()
    {
        var stdio = McpHost.Stdio();
        var settings = new Dictionary<string, string?>
        {
            ["Weft:Mcp:Servers:files:Command"] = stdio.Command,
            ["Weft:Mcp:Servers:files:Arguments:0"] = stdio.Arguments[0],
            ["Weft:Mcp:Servers:files:Arguments:1"] = stdio.Arguments[1],
            ["Weft:Mcp:Servers:files:Environment:MINE"] = "yes",
            ["Weft:Mcp:Servers:files:ToolApproval:delete"] = "Always",
            ["Weft:Mcp:Servers:files:Approval"] = "None",
            ["Weft:Mcp:Servers:files:CallTimeout"] = "00:00:20",
        };
        foreach (var (name, value) in stdio.Environment)
        {
            settings[$"Weft:Mcp:Servers:files:Environment:{name}"] = value;
        }

        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
        await using var tools = await McpToolset.ConnectAsync(
            configuration.GetSection("Weft:Mcp"), cancellationToken: TestContext.Current.CancellationToken);

        (await tools.CallAsync("environment", ("name", "MINE"))).ShouldBe("yes");
        tools.Find("delete").GetService<ApprovalRequiredAIFunction>().ShouldNotBeNull();
        settings["Weft:Mcp:Servers:files:Comand"] = "x";
        var wrong = new ConfigurationBuilder().AddInMemoryCollection(settings).Build().GetSection("Weft:Mcp");
        (await Should.ThrowAsync<InvalidOperationException>(() => McpToolset.ConnectAsync(wrong))).Message.ShouldContain("Comand");
        await using var none = await McpToolset.ConnectAsync(
            configuration.GetSection("None"), cancellationToken: TestContext.Current.CancellationToken);
        none.Tools.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_program_gets_no_environment_but_its_own()
    {
        Environment.SetEnvironmentVariable("WEFT_TEST_SECRET", "secret");
        await using var tools = await ConnectAsync(McpHost.Stdio());

        (await tools.CallAsync("environment", ("name", "WEFT_TEST_SECRET"))).ShouldBe("none");
        (await tools.CallAsync("environment", ("name", "PATH"))).ShouldNotBe("none");
    }

    private static McpConnectionOptions Http(McpHost host) => new() { Url = host.Url, Approval = McpApproval.None };

    private static void Choose(McpConnectionOptions options, params string[] tools)
    {
        foreach (var tool in tools)
        {
            options.Tools.Add(tool);
        }
    }

    private static async Task<string> RefusedAsync<TException>(McpConnectionOptions options)
        where TException : Exception => (await Should.ThrowAsync<TException>(() => ConnectAsync(options))).Message;

    private static Task<McpToolset> ConnectAsync(McpConnectionOptions options) => Toolsets.ConnectAsync(options);

    private static Task<McpToolset> ConnectAsync(McpToolsetOptions options) => Toolsets.ConnectAsync(options);
}
