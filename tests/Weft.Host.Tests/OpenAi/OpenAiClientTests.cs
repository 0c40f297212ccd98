#pragma warning disable OPENAI001 // The client calls its responses experimental.
using System.ClientModel;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Responses;
using Weft.Graphs;
using Weft.Host.Demo;
using Weft.Host.Models;
using ChatMessage = Microsoft.Extensions.AI.ChatMessage;

namespace Weft.Host.Tests;

/// <summary>The official client of OpenAI, and the chat clients that are made of it, against the server.</summary>
public sealed class OpenAiClientTests : HostTests, IAsyncLifetime
{
    private WebApplication? _app;
    private OpenAIClient? _client;

    private OpenAIClient Client => _client ?? throw new InvalidOperationException("The server has not been started.");

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddWeft()
            .AddGraph("agent", DemoGraphs.Agent(new OfflineChatClient()))
            .AddGraph("chat", DemoGraphs.Chat(new OfflineChatClient()))
            .AddGraph("caller", Caller())
            .UseSqlite(Path.Combine(Folder, "weft.db"));
        _app = builder.Build();
        _app.MapWeft();
        await _app.StartAsync(Stop);
        var options = new OpenAIClientOptions { Endpoint = new Uri(_app.Urls.Single() + "/v1"), NetworkTimeout = TimeSpan.FromSeconds(30) };
        options.RetryPolicy = new System.ClientModel.Primitives.ClientRetryPolicy(maxRetries: 0);
        _client = new OpenAIClient(new ApiKeyCredential("none"), options);
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.StopAsync(CancellationToken.None);
            await _app.DisposeAsync();
        }

        Dispose();
    }

    [Fact]
    public async Task Assistants_are_listed_as_models()
    {
        var models = await Client.GetOpenAIModelClient().GetModelsAsync(Stop);

        models.Value.Select(model => model.Id).ShouldBe(["agent", "chat", "caller"], ignoreOrder: true);
        (await Client.GetOpenAIModelClient().GetModelAsync("agent", Stop)).Value.OwnedBy.ShouldBe("weft");
    }

    [Fact]
    public async Task The_chat_client_completes_and_streams()
    {
        var client = Client.GetChatClient("agent");

        var whole = (await client.CompleteChatAsync([new UserChatMessage("what is 6*7")], cancellationToken: Stop)).Value;
        var pieces = new List<string>();
        OpenAI.Chat.ChatFinishReason? reason = null;
        await foreach (var update in client.CompleteChatStreamingAsync([new UserChatMessage("what is 6*7")], cancellationToken: Stop))
        {
            pieces.AddRange(update.ContentUpdate.Select(part => part.Text));
            reason ??= update.FinishReason;
        }

        whole.Content[0].Text.ShouldContain("42");
        whole.FinishReason.ShouldBe(OpenAI.Chat.ChatFinishReason.Stop);
        whole.Role.ShouldBe(ChatMessageRole.Assistant);
        string.Concat(pieces).ShouldBe(whole.Content[0].Text);
        pieces.Count.ShouldBeGreaterThan(1);
        reason.ShouldBe(OpenAI.Chat.ChatFinishReason.Stop);
    }

    [Fact]
    public async Task A_model_that_does_not_exist_is_the_error_of_the_client()
    {
        var error = await Should.ThrowAsync<ClientResultException>(
            Client.GetChatClient("nobody").CompleteChatAsync([new UserChatMessage("hi")], cancellationToken: Stop));

        error.Status.ShouldBe(404);
        error.Message.ShouldContain("model_not_found");
    }

    [Fact]
    public async Task An_i_chat_client_calls_its_own_functions()
    {
        var asked = new List<string>();
        var search = AIFunctionFactory.Create(
            (string q) =>
            {
                asked.Add(q);
                return 42;
            },
            "search");
        foreach (var inner in (IChatClient[])[
            Client.GetChatClient("caller").AsIChatClient(), Client.GetResponsesClient().AsIChatClient("caller")])
        {
            using var client = inner.AsBuilder().UseFunctionInvocation().Build();
            var options = new ChatOptions { Tools = [search], Temperature = 0.5f, MaxOutputTokens = 10 };

            var response = await client.GetResponseAsync("rome", options, Stop);
            var streamed = await client.GetStreamingResponseAsync("paris", options, Stop).ToChatResponseAsync(Stop);

            response.Text.ShouldBe("The tool said 42");
            streamed.Text.ShouldBe("The tool said 42");
        }

        asked.ShouldBe(["rome", "paris", "rome", "paris"]);
    }

    [Fact]
    public async Task An_i_chat_client_of_responses_continues_by_the_id_of_the_conversation()
    {
        using var client = Client.GetResponsesClient().AsIChatClient("chat");

        var first = await client.GetResponseAsync("hello", cancellationToken: Stop);
        var second = await client.GetResponseAsync(
            new ChatMessage(ChatRole.User, "again"), new ChatOptions { ConversationId = first.ConversationId }, Stop);

        first.ConversationId.ShouldNotBeNull().ShouldStartWith("resp_");
        second.Text.ShouldNotBeEmpty();
        second.ConversationId.ShouldNotBe(first.ConversationId);
    }

    [Fact]
    public async Task The_client_of_responses_creates_streams_reads_and_deletes()
    {
        var client = Client.GetResponsesClient();
        var created = (await client.CreateResponseAsync("chat", "hello", cancellationToken: Stop)).Value;
        var next = new CreateResponseOptions("chat", [ResponseItem.CreateUserMessageItem("again")])
        {
            PreviousResponseId = created.Id,
            StreamingEnabled = true,
        };
        var text = "";
        ResponseResult? completed = null;
        await foreach (var update in client.CreateResponseStreamingAsync(next, Stop))
        {
            text += (update as StreamingResponseOutputTextDeltaUpdate)?.Delta;
            completed ??= (update as StreamingResponseCompletedUpdate)?.Response;
        }

        created.GetOutputText().ShouldNotBeEmpty();
        created.Status.ShouldBe(ResponseStatus.Completed);
        completed.ShouldNotBeNull().GetOutputText().ShouldBe(text);
        completed.PreviousResponseId.ShouldBe(created.Id);
        (await client.GetResponseAsync(created.Id, Stop)).Value.GetOutputText().ShouldBe(created.GetOutputText());
        (await client.DeleteResponseAsync(completed.Id, Stop)).Value.Deleted.ShouldBeTrue();
        var gone = await Should.ThrowAsync<ClientResultException>(client.GetResponseAsync(completed.Id, Stop));
        gone.Status.ShouldBe(404);
    }

    /// <summary>Calls the first tool of the client with what the user says, then says what the tool answered.</summary>
    private static CompiledGraph Caller()
    {
        var messages = Channel.Messages();
        return new StateGraph().AddChannel(messages)
            .AddNode("model", context =>
            {
                var last = context.Get(messages)[^1];
                var name = context.Configurable.GetProperty("tools")[0].GetProperty("function").GetProperty("name").GetString()!;
                var arguments = JsonSerializer.SerializeToElement(new Dictionary<string, string> { ["q"] = last.Text });
                var call = new ToolCall(name, arguments, "call-1");
                return new StateUpdate().Add(
                    messages, last.Type == "tool" ? Message.Ai("The tool said " + last.Text) : Message.Ai("", toolCalls: [call]));
            })
            .AddEdge(StateGraph.Start, "model").Compile();
    }
}
