using System.Text.Json;
using Microsoft.Agents.AI;
using Microsoft.Agents.AI.Workflows;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Weft.Testing;
using static Weft.Agents.Tests.Script;

namespace Weft.AgentFramework.Tests.Workflows;

public sealed class ChatWorkflowTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly List<string> _paid = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Agents_of_a_workflow_speak_in_turn_and_remember_the_thread_after_a_restart()
    {
        using var writer = new ScriptedChatClient(Says("w1", "A poem."), Says("w2", "A longer poem."));
        using var critic = new ScriptedChatClient(Says("c1", "Too short."), Says("c2", "Better."));
        string thread;
        await using (var server = await StartAsync(writer, critic))
        {
            thread = await server.Root.NewThreadAsync();
            var values = await server.SayAsync(thread, "studio", "Write.");
            values.Said().ShouldBe(["human: Write.", "ai: A poem.", "ai: Too short."]);
            values.Messages().Skip(1).Select(message => message.Text("name")).ShouldBe(["writer", "critic"]);
        }

        await using var restarted = await StartAsync(writer, critic);
        (await restarted.SayAsync(thread, "studio", "Longer.")).Said()
            .ShouldBe(["human: Write.", "ai: A poem.", "ai: Too short.", "human: Longer.", "ai: A longer poem.", "ai: Better."]);
        writer.Calls[1].Messages.Said().ShouldContain("user: Write.");
        writer.Calls[1].Messages.Said()[^1].ShouldBe("user: Longer.");
    }

    [Fact]
    public async Task What_agents_say_at_the_same_time_is_streamed_message_by_message()
    {
        using var writer = new ScriptedChatClient(Says("w1", "One ", "two ", "three."));
        using var critic = new ScriptedChatClient(Says("c1", "Four ", "five ", "six."));
        await using var server = await AgentServer.StartAsync(_folder, weft => weft.AddAIWorkflow(
            "both", _ => AgentWorkflowBuilder.BuildConcurrent([Agent(writer, "writer"), Agent(critic, "critic")])));
        var thread = await server.Root.NewThreadAsync();
        using var stream = await server.StreamAsync(thread, "both", "Count.", ""","stream_mode":["messages-tuple","values"]""");
        var frames = await stream.ToEndAsync();

        var pieces = frames.Where(frame => frame.Event == "messages").Select(frame => frame.Json[0]).ToList();
        string.Concat(pieces.Where(piece => piece.Text("id") == "w1").Select(piece => piece.Text("content"))).ShouldBe("One two three.");
        string.Concat(pieces.Where(piece => piece.Text("id") == "c1").Select(piece => piece.Text("content"))).ShouldBe("Four five six.");
        frames.Last(frame => frame.Event == "values").Json.Said().ShouldBe(
            ["human: Count.", "ai: One two three.", "ai: Four five six."], ignoreOrder: true);
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("""{"decisions":[{"type":"reject","message":"No."}]}""", false)]
    public async Task A_tool_of_an_agent_in_a_workflow_is_approved_after_a_restart(string answer, bool isPaid)
    {
        using var writer = new ScriptedChatClient(
            Calls(("p1", "pay", new() { ["to"] = "Ann" })), Says("w2", "All done."));
        using var critic = new ScriptedChatClient(Says("c1", "Good."));
        string thread;
        await using (var server = await StartAsync(writer, critic))
        {
            thread = await server.Root.NewThreadAsync();
            var paused = await server.SayAsync(thread, "studio", "Pay Ann.");
            paused.Question().GetProperty("action_requests")[0].GetProperty("args").ShouldBeJson("""{"to":"Ann"}""");
            paused.Messages()[^1].GetProperty("tool_calls")[0].Text("id").ShouldBe("p1");
        }

        await using var restarted = await StartAsync(writer, critic);
        var done = await restarted.AnswerAsync(thread, "studio", answer);

        done.Messages().Select(message => message.Text("type")).ShouldBe(["human", "ai", "tool", "ai", "ai"]);
        done.Said()[^2..].ShouldBe(["ai: All done.", "ai: Good."]);
        _paid.ShouldBe(isPaid ? ["Ann"] : []);
    }

    [Fact]
    public async Task A_tool_of_the_client_is_answered_with_its_result()
    {
        using var model = new ScriptedChatClient(Calls(("l1", "locate", [])), Says("w2", "You are in Bern."));
        var locate = AIFunctionFactory.CreateDeclaration("locate", "Returns the place of the user.", JsonElement.Parse("{}"));
        await using var server = await AgentServer.StartAsync(
            _folder, weft => weft.AddAIWorkflow("guide", _ => AgentWorkflowBuilder.BuildSequential([Agent(model, "guide", [locate])])));
        var thread = await server.Root.NewThreadAsync();
        (await server.SayAsync(thread, "guide", "Where am I?")).Question().GetProperty("request").Text("name").ShouldBe("locate");

        (await server.AnswerAsync(thread, "guide", "\"Bern\"")).Messages().Select(message => message.Text("type"))
            .ShouldBe(["human", "ai", "tool", "ai"]);
        model.Calls[1].Messages.Said()[^1].ShouldBe("tool: result Bern");
    }

    [Fact]
    public async Task A_failure_of_an_agent_is_the_error_of_the_run_and_the_thread_stays_usable()
    {
        using var writer = new ScriptedChatClient(Says("w1", "A poem."), Says("w2", "Another."));
        using var critic = new ScriptedChatClient(Says("c1", "Hm, ").ThenFails(new InvalidOperationException("The critic left.")), Says("c2", "Good."));
        await using var server = await StartAsync(writer, critic);
        var thread = await server.Root.NewThreadAsync();

        (await server.SayAsync(thread, "studio", "Write.")).Error().ShouldBe("The critic left.");
        (await server.SayAsync(thread, "studio", "Again.")).Said()[^2..].ShouldBe(["ai: Another.", "ai: Good."]);
    }

    private static ChatClientAgent Agent(IChatClient model, string name, IList<AITool>? tools = null) =>
        new(model, new ChatClientAgentOptions { Id = name, Name = name, ChatOptions = new ChatOptions { Tools = tools } });

    private Task<AgentServer> StartAsync(IChatClient writer, IChatClient critic)
    {
        var pay = new ApprovalRequiredAIFunction(AIFunctionFactory.Create(
            (string to) =>
            {
                _paid.Add(to);
                return "Paid.";
            },
            "pay",
            "Pays a person."));
        return AgentServer.StartAsync(_folder, weft => weft.AddAIWorkflow(
            "studio", _ => AgentWorkflowBuilder.BuildSequential([Agent(writer, "writer", [pay]), Agent(critic, "critic")])));
    }
}
