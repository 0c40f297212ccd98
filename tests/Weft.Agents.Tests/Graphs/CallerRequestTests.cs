using System.Text.Json;
using Microsoft.Extensions.AI;
using Weft.Graphs;
using Weft.Testing;
using static Weft.Agents.Tests.Script;

namespace Weft.Agents.Tests.Graphs;

/// <summary>What a run asks of the model by its configuration.</summary>
public sealed class CallerRequestTests
{
    private const string Everything = """
        {"thread_id":"t","temperature":0.5,"top_p":0.25,"max_tokens":10,"max_completion_tokens":20,"stop":["a","b"],"seed":7,
         "presence_penalty":0.1,"frequency_penalty":-0.5,"reasoning_effort":"minimal","parallel_tool_calls":false,
         "response_format":{"type":"json_schema","json_schema":{"name":"n","description":"d","schema":{"type":"object"}}},
         "tools":[{"type":"function","function":{"name":"ask","description":"Asks.","parameters":{"type":"object","required":["q"]}}},
                  {"type":"function","function":{"name":"look"}},{"type":"custom","custom":{"name":"other"}}],
         "tool_choice":"required"}
        """;

    private const string Tools = """{"tools":[{"type":"function","function":{"name":"ask"}}]}""";

    private readonly TrackedTools _tools = new();
    private readonly MessagesChannel _messages = Channel.Messages();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_options_of_a_call_are_what_the_run_asks_for()
    {
        using var client = new ScriptedChatClient(Says(null, "Yes."));

        await RunAsync(AgentGraph.Create(client, [_tools.Create("look")], Options()), Everything);

        var options = client.Calls.ShouldHaveSingleItem().Options!;
        (options.Temperature, options.TopP, options.MaxOutputTokens, options.Seed).ShouldBe((0.5f, 0.25f, 20, 7));
        (options.PresencePenalty, options.FrequencyPenalty).ShouldBe((0.1f, -0.5f));
        options.StopSequences.ShouldBe(["a", "b"]);
        options.Reasoning!.Effort.ShouldBe(ReasoningEffort.Low);
        options.AllowMultipleToolCalls.ShouldBe(false);
        options.ToolMode.ShouldBe(ChatToolMode.RequireAny);
        var format = options.ResponseFormat.ShouldBeOfType<ChatResponseFormatJson>();
        (format.SchemaName, format.SchemaDescription, format.Schema!.Value.GetRawText()).ShouldBe(("n", "d", """{"type":"object"}"""));
        options.Tools!.Select(tool => tool.Name).ShouldBe(["look", "ask"]);
        options.Tools![0].ShouldBeAssignableTo<AIFunction>();
        var ask = options.Tools[1].ShouldBeAssignableTo<AIFunctionDeclaration>()!;
        ask.ShouldNotBeAssignableTo<AIFunction>();
        (ask.Description, ask.JsonSchema.GetRawText()).ShouldBe(("Asks.", """{"type":"object","required":["q"]}"""));
    }

    [Fact]
    public async Task What_the_developer_has_set_stays()
    {
        using var client = new ScriptedChatClient(Says(null, "Yes."), Says(null, "No."));
        var given = new ChatOptions
        {
            Temperature = 0,
            MaxOutputTokens = 5,
            StopSequences = ["x"],
            ResponseFormat = ChatResponseFormat.Text,
            ToolMode = ChatToolMode.Auto,
            AllowMultipleToolCalls = true,
        };

        await RunAsync(AgentGraph.Create(client, [_tools.Create("look")], Options() with { ChatOptions = given }), Everything);
        await RunAsync(ChatGraph.Create(client, new ChatGraphOptions { Messages = _messages, ChatOptions = given }), Everything);

        foreach (var options in client.Calls.Select(call => call.Options!))
        {
            (options.Temperature, options.MaxOutputTokens, options.TopP).ShouldBe((0f, 5, 0.25f));
            options.StopSequences.ShouldBe(["x"]);
            options.ResponseFormat.ShouldBe(ChatResponseFormat.Text);
            (options.ToolMode, options.AllowMultipleToolCalls).ShouldBe((ChatToolMode.Auto, true));
        }

        given.Tools.ShouldBeNull();
        given.TopP.ShouldBeNull();
    }

    [Theory]
    [InlineData(CallerSettings.None, null, null, 0)]
    [InlineData(CallerSettings.Sampling, 0.5f, null, 0)]
    [InlineData(CallerSettings.Format, null, "n", 0)]
    [InlineData(CallerSettings.Tools, null, null, 2)]
    public async Task The_developer_says_what_a_run_may_ask_for(CallerSettings may, float? temperature, string? format, int tools)
    {
        using var client = new ScriptedChatClient(Says(null, "Yes."));

        await RunAsync(ChatGraph.Create(client, new ChatGraphOptions { Messages = _messages, CallerMaySet = may }), Everything);

        var options = client.Calls.ShouldHaveSingleItem().Options;
        options?.Temperature.ShouldBe(temperature);
        (options?.ResponseFormat as ChatResponseFormatJson)?.SchemaName.ShouldBe(format);
        (options?.Tools?.Count ?? 0).ShouldBe(tools);
    }

    [Theory]
    [InlineData("""{"temperature":"hot","top_p":true,"max_tokens":-1,"max_completion_tokens":1.5,"stop":[1],"seed":"x","tools":7}""")]
    [InlineData("""{"tools":[1,{},{"function":1},{"function":{"name":1}}],"tool_choice":{"function":{"name":"no"}},"response_format":"json"}""")]
    [InlineData("""{"tool_choice":"required","parallel_tool_calls":false,"response_format":{"type":"other"},"reasoning_effort":"odd"}""")]
    public async Task Members_that_mean_something_else_are_ignored(string configurable)
    {
        using var client = new ScriptedChatClient(Says(null, "Yes."));

        await RunAsync(ChatGraph.Create(client, new ChatGraphOptions { Messages = _messages }), configurable);

        JsonSerializer.Serialize(client.Calls.ShouldHaveSingleItem().Options, AIJsonUtilities.DefaultOptions).ShouldBe("{}");
    }

    [Fact]
    public async Task A_run_without_them_has_the_options_of_the_developer()
    {
        using var client = new ScriptedChatClient(Says(null, "Yes."));
        var given = new ChatOptions { Temperature = 1 };

        await RunAsync(ChatGraph.Create(client, new ChatGraphOptions { Messages = _messages, ChatOptions = given }), """{"thread_id":"t"}""");

        client.Calls.ShouldHaveSingleItem().Options.ShouldBeSameAs(given);
    }

    [Fact]
    public async Task A_call_of_the_callers_tool_ends_the_turn_and_its_result_starts_the_next()
    {
        using var client = new ScriptedChatClient(Calls(("1", "ask", [])), Says(null, "Blue."));
        var agent = AgentGraph.Create(client, [_tools.Create("look")], Options());
        var thread = new InMemoryCheckpointer();
        const string Required = """{"tool_choice":"required",""";

        var asked = await RunAsync(agent, Required + Tools[1..], thread);
        var answered = await RunAsync(
            agent, Required + Tools[1..], thread, new StateUpdate().Add(_messages, Message.Tool("blue", "1", "ask")));

        asked.Select(message => message.Type).ShouldBe(["human", "ai"]);
        answered.Select(message => message.Type).ShouldBe(["human", "ai", "tool", "ai"]);
        client.Calls.Select(call => call.Options!.ToolMode).ShouldBe([ChatToolMode.RequireAny, null]);
        client.Calls[1].Messages[^1].Role.ShouldBe(ChatRole.Tool);
    }

    [Fact]
    public async Task The_agents_own_calls_are_made_before_the_turn_ends()
    {
        using var client = new ScriptedChatClient(Calls(("1", "ask", []), ("2", "look", []), ("3", "look", [])), Says(null, "Blue."));
        var agent = AgentGraph.Create(client, [_tools.Create("look")], Options());
        var thread = new InMemoryCheckpointer();

        var asked = await RunAsync(agent, Tools, thread);
        client.Calls.Count.ShouldBe(1);
        var answered = await RunAsync(agent, Tools, thread, new StateUpdate().Add(_messages, Message.Tool("blue", "1", "ask")));

        asked.Skip(2).Select(message => message.ToolCallId).ShouldBe(["2", "3"]);
        answered.Count.ShouldBe(6);
        answered[^1].Text.ShouldBe("Blue.");
        client.Calls[1].Messages.Where(message => message.Role == ChatRole.Tool)
            .SelectMany(message => message.Contents.OfType<FunctionResultContent>())
            .Select(result => result.CallId).ShouldBe(["2", "3", "1"], ignoreOrder: true);
    }

    [Fact]
    public async Task A_person_is_asked_only_about_the_agents_own_calls()
    {
        using var client = new ScriptedChatClient(Calls(("1", "ask", []), ("2", "look", [])));
        var agent = AgentGraph.Create(client, [_tools.Create("look")], Options() with { RequireApproval = ["look"] });
        var thread = new InMemoryCheckpointer();
        var options = new GraphRunOptions { Checkpointer = thread, Configurable = JsonElement.Parse(Tools) };

        var paused = await agent.RunAsync(new StateUpdate().Add(_messages, "go"), options, Stop);
        paused.Interrupts.ShouldHaveSingleItem().Value.GetProperty("action_requests").GetArrayLength().ShouldBe(1);
        var done = await agent.RunAsync(Command.ResumeWith("approve"), options, Stop);

        done.Values.Get(_messages).Skip(2).Select(message => message.ToolCallId).ShouldBe(["2"]);
        client.Calls.Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_agent_inside_a_graph_is_not_asked_but_the_supervisor_of_a_team_is()
    {
        using var lead = new ScriptedChatClient(Calls(("1", "transfer_to_worker", [])), Calls(("2", "ask", [])));
        using var worker = new ScriptedChatClient(Says(null, "Done."));
        var member = new AgentMember("worker", AgentGraph.Create(worker, [], Options()), "Works.");
        var team = AgentGraph.Supervisor(lead, [member], options: Options());

        var messages = await RunAsync(team, Everything);

        messages[^1].ToolCalls.ShouldHaveSingleItem().Name.ShouldBe("ask");
        lead.Calls.ShouldAllBe(call => call.Options!.Temperature == 0.5f);
        worker.Calls.ShouldHaveSingleItem().Options!.Temperature.ShouldBeNull();
    }

    private AgentGraphOptions Options() => new() { Messages = _messages };

    private async Task<IReadOnlyList<Message>> RunAsync(
        CompiledGraph graph, string configurable, InMemoryCheckpointer? thread = null, StateUpdate? input = null)
    {
        var options = new GraphRunOptions { Checkpointer = thread, Configurable = JsonElement.Parse(configurable) };
        var result = await graph.RunAsync(input ?? new StateUpdate().Add(_messages, "go"), options, Stop);
        return result.Values.Get(_messages);
    }
}
