using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Weft.Graphs;

namespace Weft.Server.Tests;

/// <summary>Graphs for clients of AG-UI.</summary>
internal static class AgUiGraphs
{
    /// <summary>Sets <c>shown</c> to each value of the list <c>script</c>, one a superstep, and notes how many it has set.</summary>
    public static CompiledGraph Scripted()
    {
        var script = Channel.LastValue<JsonElement>("script");
        var shown = Channel.LastValue<JsonElement>("shown");
        var notes = Channel.List<string>("notes");
        var next = Channel.LastValue("next", 0);
        return new StateGraph()
            .AddChannels(Channel.Messages(), script, shown, notes, next)
            .AddNode("show", context => new StateUpdate()
                .Set(shown, context.Get(script)[context.Get(next)])
                .Add(notes, $"note {context.Get(next)}")
                .Set(next, context.Get(next) + 1))
            .AddEdge(StateGraph.Start, "show")
            .AddConditionalEdges(
                "show",
                context => context.Get(next) < context.Get(script).GetArrayLength() ? "show" : StateGraph.End,
                ["show", StateGraph.End])
            .Compile();
    }

    /// <summary>Has the channels in which clients of AG-UI offer tools and context.</summary>
    public static CompiledGraph Offered() => new StateGraph()
        .AddChannels(
            Channel.LastValue<JsonElement>("tools"), Channel.LastValue<JsonElement>("ag-ui"), Channel.LastValue<JsonElement>("copilotkit"))
        .AddNode("end", _ => StateUpdate.None)
        .AddEdge(StateGraph.Start, "end")
        .Compile();

    /// <summary>Runs one node three times at once, and streams a message from each.</summary>
    public static CompiledGraph Fan()
    {
        var messages = Channel.Messages();
        return new StateGraph()
            .AddChannel(messages)
            .AddNode(
                "spread",
                _ => new Command
                {
                    Goto = [.. Enumerable.Range(1, 3).Select(i => (Destination)new Send("work", JsonElement.Parse($"{i}")))],
                },
                new NodeOptions { Destinations = ["work"] })
            .AddNode("work", context =>
            {
                var id = $"m-{context.Input}";
                Stream(context, id, "part ", $"{context.Input}");
                return new StateUpdate().Add(messages, Message.Ai($"part {context.Input}", id));
            })
            .AddEdge(StateGraph.Start, "spread")
            .Compile();
    }

    /// <summary>
    /// Streams an answer with a number that rises with each answer, under an id made of it, and waits in the middle if the last
    /// message names a gate. Fails at the end if that message is "fail".
    /// </summary>
    public static CompiledGraph Answering(Gates gates)
    {
        var messages = Channel.Messages();

        async Task<NodeResult> AnswerAsync(NodeContext context, CancellationToken cancellationToken)
        {
            var asked = context.Get(messages)[^1].Text;
            var (id, answer) = ($"answer-{Guid.NewGuid()}", $"answer to {asked}");
            Stream(context, id, "answer ");
            if (asked.StartsWith("gate-", StringComparison.Ordinal))
            {
                await gates.Of(asked).PassAsync(cancellationToken);
            }

            Stream(context, id, "to ", asked);
            return asked == "fail"
                ? throw new InvalidOperationException("The model is gone.")
                : new StateUpdate().Add(messages, Message.Ai(answer, id));
        }

        return new StateGraph()
            .AddChannels(messages, Channel.LastValue<string>("mood"))
            .AddNode("answer", AnswerAsync)
            .AddEdge(StateGraph.Start, "answer")
            .Compile();
    }

    /// <summary>A workflow that takes a name and messages.</summary>
    public static CompiledGraph Greeter() => Workflow.Create<JsonElement, Greeting>("greeter", (input, _, _) =>
        Task.FromResult(new Greeting($"Hello {input.Text("name")}, {input.GetProperty("messages").GetArrayLength()} message")));

    /// <summary>Has texts in a channel that other graphs have their conversation in.</summary>
    public static CompiledGraph Listed()
    {
        var texts = Channel.List<string>("messages");
        return new StateGraph().AddChannel(texts)
            .AddNode("add", _ => new StateUpdate().Add(texts, "added"))
            .AddEdge(StateGraph.Start, "add").Compile();
    }

    /// <summary>Asks with all members that a question may have.</summary>
    public static CompiledGraph Approving()
    {
        var question = JsonElement.Parse(
            """{"reason":"approval","message":"Send it?","tool_call_id":"call-1","response_schema":{"type":"boolean"}}""");
        var sent = Channel.LastValue<bool>("sent");
        return new StateGraph().AddChannel(sent)
            .AddNode("ask", context => new StateUpdate().Set(sent, context.Interrupt(question).GetBoolean()))
            .AddEdge(StateGraph.Start, "ask").Compile();
    }

    public sealed record Greeting([property: JsonPropertyName("text")] string Text);

    private static void Stream(NodeContext context, string id, params string[] tokens)
    {
        foreach (var token in tokens)
        {
            context.Messages.Emit(id, Encoding.UTF8.GetBytes($$"""{"type":"AIMessageChunk","id":"{{id}}","content":"{{token}}"}"""));
        }
    }
}
