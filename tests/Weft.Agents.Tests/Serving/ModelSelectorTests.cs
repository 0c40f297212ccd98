using System.Net;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Weft.Graphs;
using Weft.Server;
using Weft.Server.Tests;
using Weft.Server.Tests.Recovery;
using Weft.Testing;
using static Weft.Agents.Tests.Script;

namespace Weft.Agents.Tests.Serving;

/// <summary>Runs and assistants choose one of the named models.</summary>
public sealed class ModelSelectorTests
{
    [Fact]
    public async Task A_run_and_an_assistant_choose_the_model()
    {
        using var models = Models(small: 2, large: 2);
        await using var server = await StartAsync(models);
        var assistant = (await server.Api.PostAsync(
            "/assistants", """{"graph_id":"agent","config":{"configurable":{"model":"large"}}}""")).ShouldBeOk().String("assistant_id")!;

        (await SayAsync(server, "agent", null)).ShouldBeOk().Text.ShouldContain("I am small.");
        (await SayAsync(server, "agent", "\"large\"")).ShouldBeOk().Text.ShouldContain("I am large.");
        (await SayAsync(server, assistant, null)).ShouldBeOk().Text.ShouldContain("I am large.");
        (await SayAsync(server, assistant, "\"small\"")).ShouldBeOk().Text.ShouldContain("I am small.");
    }

    [Theory]
    [InlineData("\"huge\"", "'huge' is none of small, large.")]
    [InlineData("\"Small\"", "'Small' is none of small, large.")]
    [InlineData("\"\"", "'' is none of small, large.")]
    [InlineData("7", "The value is none of small, large.")]
    public async Task A_model_that_is_not_one_of_them_is_refused_with_the_field_and_the_names(string model, string problem)
    {
        using var models = Models(small: 1);
        await using var server = await StartAsync(models);
        var config = $$$"""{"configurable":{"model":{{{model}}}}}""";
        var assistant = (await server.Api.PostAsync("/assistants", """{"graph_id":"agent"}""")).ShouldBeOk().String("assistant_id")!;

        Answer[] refused =
        [
            await SayAsync(server, "agent", model),
            await server.Api.PostAsync("/runs", $$"""{"assistant_id":"agent","input":{"messages":"hi"},"config":{{config}}}"""),
            await server.Api.PostAsync("/assistants", $$"""{"graph_id":"agent","config":{{config}}}"""),
            await server.Api.PatchAsync($"/assistants/{assistant}", $$"""{"config":{{config}}}"""),
            await server.Api.PostAsync(
                "/runs/crons", $$"""{"assistant_id":"agent","schedule":"0 0 1 1 *","input":{"messages":"hi"},"config":{{config}}}"""),
        ];

        foreach (var answer in refused)
        {
            answer.ShouldBe(HttpStatusCode.UnprocessableEntity);
            answer.Text.ShouldContain("config.configurable.model");
            JsonElement.Parse(answer.Text).GetProperty("detail").ToString().ShouldContain(problem);
        }

        (await SayAsync(server, "agent", "null")).ShouldBeOk().Text.ShouldContain("I am small.");
    }

    [Fact]
    public async Task A_header_that_nodes_see_is_refused_as_well()
    {
        using var models = Models(large: 1);
        await using var server = await AgentServer.StartAsync(
            weft => weft.AddAgent("agent", models),
            services => services.Configure<WeftServerOptions>(options => options.ConfigurableHeaders.Include.Add("model")));
        const string Run = """{"assistant_id":"agent","input":{"messages":"who are you?"}}""";

        (await server.Api.PostAsync("/runs/wait", Run, ("model", "huge"))).ShouldBe(HttpStatusCode.UnprocessableEntity)
            .Text.ShouldContain("config.configurable.model");
        (await server.Api.PostAsync("/runs/wait", Run, ("model", "large"))).ShouldBeOk().Text.ShouldContain("I am large.");
    }

    [Fact]
    public async Task An_assistant_whose_model_was_removed_can_still_be_changed()
    {
        using var folder = new TempFolder();
        using var models = Models();
        using var small = new ModelSelector([new("small", models["small"])]);
        const string Large = """{"configurable":{"model":"large"}}""";
        string path;
        await using (var first = await AgentServer.StartAsync(weft => weft.AddAgent("agent", models), folder: folder.Path))
        {
            var assistant = await first.Api.PostAsync("/assistants", $$"""{"graph_id":"agent","config":{{Large}}}""");
            path = $"/assistants/{assistant.ShouldBeOk().String("assistant_id")}";
        }

        await using var second = await AgentServer.StartAsync(weft => weft.AddAgent("agent", small), folder: folder.Path);

        (await second.Api.PatchAsync(path, """{"name":"Renamed"}""")).ShouldBeOk().Json.GetProperty("config").GetRawText()
            .ShouldBeJson(Large);
        (await second.Api.PatchAsync(path, """{"config":{"configurable":{"model":"large","more":1}}}"""))
            .ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await second.Api.PatchAsync(path, """{"config":{"configurable":{"model":"small"}}}""")).ShouldBeOk();
    }

    [Fact]
    public async Task A_graph_that_does_not_offer_its_models_ends_with_an_error_that_names_the_field()
    {
        using var models = Models();
        var messages = Channel.Messages();
        var silent = new StateGraph()
            .AddChannel(messages)
            .AddNode("answer", async (context, cancellationToken) =>
                new StateUpdate().Add(messages, await models.GetMessageAsync(context.Get(messages), cancellationToken: cancellationToken)))
            .AddEdge(StateGraph.Start, "answer")
            .Compile();
        await using var server = await AgentServer.StartAsync(weft => weft.AddGraph("silent", silent));

        using var stream = await server.Api.StreamAsync(
            "/runs/stream",
            """{"assistant_id":"silent","input":{"messages":"hi"},"config":{"configurable":{"model":"huge"}}}""");

        (await stream.ToEndAsync()).Single(frame => frame.Event == "error").Json.Text("message")
            .ShouldBe("config.configurable.model: 'huge' is none of small, large.");
    }

    [Fact]
    public async Task The_schemas_of_an_assistant_list_the_models()
    {
        using var models = Models();
        await using var server = await StartAsync(models);

        foreach (var graph in (string[])["agent", "chat", "team", "around"])
        {
            var schemas = (await server.Api.GetAsync($"/assistants/{graph}/schemas")).ShouldBeOk().Json;
            schemas.GetProperty("config_schema").GetProperty("properties").GetProperty("model").GetRawText()
                .ShouldBeJson("""{"type":"string","enum":["small","large"],"default":"small"}""");
        }

        (await server.Api.GetAsync("/assistants/fixed/schemas")).ShouldBeOk().Json.GetProperty("config_schema").ValueKind
            .ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task An_agent_with_a_model_of_its_own_does_not_offer_others()
    {
        using var models = Models(small: 1);
        await using var server = await StartAsync(models);

        (await SayAsync(server, "fixed", "\"anything\"")).ShouldBeOk().Text.ShouldContain("I am small.");
    }

    [Fact]
    public async Task The_stream_names_the_model_that_was_called()
    {
        using var models = Models(large: 1);
        await using var server = await StartAsync(models);

        using var stream = await server.Api.StreamAsync(
            "/runs/stream",
            """{"assistant_id":"agent","input":{"messages":"hi"},"config":{"configurable":{"model":"large"}},"stream_mode":"messages-tuple"}""");
        var frames = (await stream.ToEndAsync()).Where(frame => frame.Event == "messages").ToList();

        frames.ShouldNotBeEmpty();
        frames.ShouldAllBe(frame => frame.Json[1].Text("ls_model_name") == "large-1");
    }

    [Fact]
    public void A_default_that_is_none_of_the_models_is_refused()
    {
        using var small = new NamedClient("small", 0);

        Should.Throw<ArgumentException>(() => new ModelSelector([new("small", small)], "large"))
            .Message.ShouldStartWith("The default 'large' is none of small.");
        Should.Throw<ArgumentException>(() => new ModelSelector([]));
    }

    private static ModelSelector Models(int small = 0, int large = 0) =>
        new([new("small", new NamedClient("small", small)), new("large", new NamedClient("large", large))]);

    private static Task<AgentServer> StartAsync(ModelSelector models) => AgentServer.StartAsync(
        weft => weft
            .AddAgent("agent")
            .AddGraph("chat", ChatGraph.Create(models))
            .AddGraph("team", AgentGraph.Supervisor(models, [new AgentMember("one", AgentGraph.Create(models["small"], []), "First.")]))
            .AddGraph("around", Around(models))
            .AddAgent("fixed", models["small"]),
        services => services.AddSingleton<IChatClient>(models));

    private static CompiledGraph Around(ModelSelector models)
    {
        var messages = Channel.Messages();
        return new StateGraph()
            .AddChannel(messages)
            .AddNode("agent", AgentGraph.Create(models, [], new AgentGraphOptions { Messages = messages }))
            .AddEdge(StateGraph.Start, "agent")
            .AddEdge("agent", StateGraph.End)
            .Compile();
    }

    private static async Task<Answer> SayAsync(AgentServer server, string assistant, string? model)
    {
        var config = model is null ? "{}" : $$$"""{"configurable":{"model":{{{model}}}}}""";
        return await server.Api.PostAsync(
            $"/threads/{await server.Api.NewThreadAsync()}/runs/wait",
            $$"""{"assistant_id":"{{assistant}}","input":{"messages":"who are you?"},"config":{{config}}}""");
    }

    /// <summary>A model that says its name a number of times.</summary>
    private sealed class NamedClient(string name, int answers)
        : DelegatingChatClient(new ScriptedChatClient([.. Enumerable.Range(0, answers).Select(_ => Says(null, $"I am {name}."))]))
    {
        public override object? GetService(Type serviceType, object? serviceKey = null) => serviceType == typeof(ChatClientMetadata)
            ? new ChatClientMetadata("test", defaultModelId: $"{name}-1")
            : base.GetService(serviceType, serviceKey);
    }
}
