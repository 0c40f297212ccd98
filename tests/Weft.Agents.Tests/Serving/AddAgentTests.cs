using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Weft.Testing;
using static Weft.Agents.Tests.Script;

namespace Weft.Agents.Tests.Serving;

public sealed class AddAgentTests
{
    private static readonly AIFunction Add = AIFunctionFactory.Create((int a, int b) => a + b, "add", "Adds.");

    private static ScriptedChatClient Adding() => new(Calls(("1", "add", new() { ["a"] = 1, ["b"] = 2 })), Says(null, "Three."));

    [Fact]
    public async Task An_agent_is_served_by_one_line()
    {
        using var client = Adding();
        await using var server = await AgentServer.StartAsync(weft => weft.AddAgent("reckoner", client, [Add], "Reckon."));
        var thread = await server.Api.NewThreadAsync();

        var values = (await server.SayAsync(thread, "reckoner", "1+2?")).ShouldBeOk();

        values.Json.GetProperty("messages").EnumerateArray().Select(message => $"{message.Text("type")} {message.Content()}")
            .ShouldBe(["human 1+2?", "ai ", "tool 3", "ai Three."]);
        client.Calls[0].Messages[0].Text.ShouldBe("Reckon.");
        (await server.Api.PostAsync("/assistants/search", "{}")).Json[0].Text("name").ShouldBe("reckoner");
    }

    [Fact]
    public async Task The_model_comes_from_the_services()
    {
        using var shared = Adding();
        using var keyed = Adding();
        await using var server = await AgentServer.StartAsync(
            weft => weft
                .AddAgent("one", [Add])
                .AddAgent("other", services => services.GetRequiredKeyedService<IChatClient>("small"), [Add]),
            services => services.AddSingleton<IChatClient>(shared).AddKeyedSingleton<IChatClient>("small", keyed));

        (await server.SayAsync(await server.Api.NewThreadAsync(), "one", "go")).ShouldBeOk().Text.ShouldContain("Three.");
        (await server.SayAsync(await server.Api.NewThreadAsync(), "other", "go")).ShouldBeOk().Text.ShouldContain("Three.");

        shared.Calls.Count.ShouldBe(2);
        keyed.Calls.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_server_does_not_start_with_an_agent_that_can_not_be_made()
    {
        var missing = await Should.ThrowAsync<InvalidOperationException>(
            () => AgentServer.StartAsync(weft => weft.AddAgent("reckoner", [Add])));
        missing.Message.ShouldBe(
            "The agent 'reckoner' has no model. Register one with builder.Services.AddChatClient(...), or pass it to AddAgent.");

        using var client = Adding();
        await Should.ThrowAsync<ArgumentException>(
            () => AgentServer.StartAsync(weft => weft.AddAgent("reckoner", client, [Add, Add])));
    }

    [Fact]
    public async Task Options_and_the_description_of_an_agent_are_kept()
    {
        using var client = Adding();
        await using var server = await AgentServer.StartAsync(weft => weft.AddAgent(
            "reckoner",
            client,
            [Add],
            options: new AgentGraphOptions { SystemPrompt = "Reckon.", RequireApproval = ["add"] },
            configure: graph => graph.Description = "Adds numbers."));
        var thread = await server.Api.NewThreadAsync();

        var paused = (await server.SayAsync(thread, "reckoner", "1+2?")).ShouldBeOk();

        paused.Json.GetProperty("__interrupt__").GetArrayLength().ShouldBe(1);
        client.Calls[0].Messages[0].Text.ShouldBe("Reckon.");
        (await server.Api.PostAsync("/assistants/search", "{}")).Json[0].Text("description").ShouldBe("Adds numbers.");
        (await server.ResumeAsync(thread, "reckoner", "true")).ShouldBeOk().Text.ShouldContain("Three.");
    }

    [Fact]
    public async Task The_typed_answer_of_an_agent_is_in_the_state_and_in_its_schema()
    {
        using var client = new ScriptedChatClient(Says(null, """{"item":"wool","amount":3}"""));
        await using var server = await AgentServer.StartAsync(weft => weft.AddAgent<Order>("orders", client));
        var thread = await server.Api.NewThreadAsync();

        var values = (await server.SayAsync(thread, "orders", "Three balls of wool.")).ShouldBeOk();

        values.Json.GetProperty("structured_response").GetRawText().ShouldBeJson("""{"item":"wool","amount":3}""");
        var assistant = (await server.Api.PostAsync("/assistants/search", "{}")).Json[0].Text("assistant_id");
        (await server.Api.GetAsync($"/assistants/{assistant}/schemas")).Json.GetProperty("output_schema").GetProperty("properties")
            .GetProperty("structured_response").GetProperty("properties").EnumerateObject().Select(member => member.Name)
            .ShouldBe(["item", "amount"]);
    }

    private sealed record Order(string Item, int Amount);
}
