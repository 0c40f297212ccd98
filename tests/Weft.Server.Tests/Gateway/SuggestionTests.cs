using System.Net;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Weft.Server.Tests.Gateway;

/// <summary>Suggestions (docs/protocol/gateway.md B10).</summary>
public sealed class SuggestionTests(SharedServer shared) : ServerTests(shared)
{
    private const string Path = "/threads/any/suggestions";
    private const string Hello = """{"messages":[{"role":"human","content":" Hi "},{"role":"ai","content":"Hello."}]}""";

    [Theory]
    [InlineData("""["What?", " Why\n now? ", "", 1, "Who?", "When?"]""", "What?,Why now?,Who?")]
    [InlineData("```json\n[\"What?\"]\n```", "What?")]
    [InlineData("Sure: [\"What?\"] Good luck.", "What?")]
    [InlineData("[]", "")]
    [InlineData("What about this?", "")]
    [InlineData("] [", "")]
    [InlineData("[\"What?\"", "")]
    [InlineData("{\"a\":[1]}", "")]
    [InlineData("[[\"What?\"]]", "")]
    public async Task Suggestions_are_the_texts_of_the_list_that_the_model_answers(string answer, string expected)
    {
        var model = new ScriptedModel(answer);
        await using var server = await StartAsync(model);

        var suggestions = (await server.Gateway.PostAsync(Path, Hello)).ShouldBeOk();

        string.Join(',', suggestions.Json.GetProperty("suggestions").Strings()).ShouldBe(expected);
        suggestions.Json.Names().ShouldBe(["suggestions"]);
        var asked = model.Calls.ShouldHaveSingleItem();
        asked[0].Role.ShouldBe(ChatRole.System);
        asked[0].Text.ShouldContain("3");
        asked[1].Text.ShouldBe("User: Hi\nAssistant: Hello.");
    }

    [Fact]
    public async Task The_count_and_the_model_can_be_chosen()
    {
        var (usual, other) = (new ScriptedModel("""["a","b","c","d","e","f"]"""), new ScriptedModel("""["other"]"""));
        await using var server = await StartAsync(usual, other);

        async Task<string> SuggestAsync(string more) => string.Join(
            ',',
            (await server.Gateway.PostAsync(Path, Hello[..^1] + more + "}")).ShouldBeOk().Json.GetProperty("suggestions").Strings());

        (await SuggestAsync(""","n":1""")).ShouldBe("a");
        (await SuggestAsync(""","n":5""")).ShouldBe("a,b,c,d,e");
        (await SuggestAsync(""","n":null,"model_name":null""")).ShouldBe("a,b,c");
        (await SuggestAsync(""","model_name":"other" """)).ShouldBe("other");
        (await SuggestAsync(""","model_name":"unknown","n":1""")).ShouldBe("a");
    }

    [Theory]
    [InlineData("""{"messages":[]}""")]
    [InlineData("""{"messages":[{"role":"user","content":"  "}]}""")]
    public async Task A_conversation_without_text_has_no_suggestions(string body)
    {
        var model = new ScriptedModel("""["a"]""");
        await using var server = await StartAsync(model);

        (await server.Gateway.PostAsync(Path, body)).ShouldBeOk().Text.ShouldBe("""{"suggestions":[]}""");

        model.Calls.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_model_that_fails_or_is_late_makes_no_suggestions()
    {
        await using var failing = await StartAsync(new ScriptedModel(new InvalidOperationException("secret")));
        await using var hanging = await StartAsync(
            new ScriptedModel((string?)null), configure: options => options.SuggestionTimeout = TimeSpan.FromMilliseconds(50));

        (await failing.Gateway.PostAsync(Path, Hello)).ShouldBeOk().Text.ShouldBe("""{"suggestions":[]}""");
        (await hanging.Gateway.PostAsync(Path, Hello)).ShouldBeOk().Text.ShouldBe("""{"suggestions":[]}""");
        // The shared server has no model.
        (await Gateway.PostAsync(Path, Hello)).ShouldBeOk().Text.ShouldBe("""{"suggestions":[]}""");
    }

    [Theory]
    [InlineData(1, 10)]
    [InlineData(10, 1)]
    public async Task A_model_that_does_not_end_is_not_called_again_and_again(int perActor, int perServer)
    {
        var model = new ScriptedModel((string?)null);
        await using var server = await StartAsync(model, configure: options =>
        {
            options.SuggestionTimeout = TimeSpan.FromMilliseconds(50);
            (options.SuggestionsPerActorMax, options.SuggestionsMax) = (perActor, perServer);
        });

        (await server.Gateway.PostAsync(Path, Hello)).ShouldBeOk().Text.ShouldBe("""{"suggestions":[]}""");
        var refused = (await server.Gateway.PostAsync(Path, Hello)).ShouldBe(HttpStatusCode.TooManyRequests);
        refused.Header("Retry-After").ShouldNotBeNull();
        model.Calls.Count.ShouldBe(1);

        model.End();
        await Waiting.Until(
            async () => (await server.Gateway.PostAsync(Path, Hello)).Status == 200, "suggestions to be made after the model has ended");
    }

    [Fact]
    public async Task A_long_conversation_is_cut_at_its_start()
    {
        var model = new ScriptedModel("""["a"]""");
        await using var server = await StartAsync(model, configure: options => options.SuggestionCharactersMax = 30);

        await server.Gateway.PostAsync(
            Path,
            """{"messages":[{"role":"user","content":"first"},{"role":"user","content":"second"},{"role":"system","content":"0123456789"}]}""");

        model.Calls[0][1].Text.ShouldBe("User: second\nsystem: 0123456789");
    }

    [Theory]
    [InlineData("", "body")]
    [InlineData("[]", "body")]
    [InlineData("{}", "messages")]
    [InlineData("""{"messages":null}""", "messages")]
    [InlineData("""{"messages":"hi"}""", "messages")]
    [InlineData("""{"messages":[null]}""", "messages")]
    [InlineData("""{"messages":["hi"]}""", "messages")]
    [InlineData("""{"messages":[{"content":"a"}]}""", "role")]
    [InlineData("""{"messages":[{"role":1,"content":"a"}]}""", "role")]
    [InlineData("""{"messages":[{"role":"user"}]}""", "content")]
    [InlineData("""{"messages":[{"role":"user","content":["a"]}]}""", "content")]
    [InlineData("""{"messages":[],"n":0}""", "n")]
    [InlineData("""{"messages":[],"n":6}""", "n")]
    [InlineData("""{"messages":[],"n":"3"}""", "n")]
    [InlineData("""{"messages":[],"n":1.5}""", "n")]
    [InlineData("""{"messages":[],"model_name":1}""", "model_name")]
    public async Task A_wrong_body_is_refused(string body, string field)
    {
        var answer = (await Gateway.PostAsync(Path, body)).ShouldBe(HttpStatusCode.UnprocessableEntity);

        answer.Json.GetProperty("detail")[0].GetProperty("loc").GetRawText().ShouldContain(field);
    }

    [Fact]
    public async Task The_route_is_only_below_the_gateway() =>
        (await Root.PostAsync($"/threads/{NewId()}/suggestions", Hello)).ShouldBe(HttpStatusCode.NotFound);

    private static Task<TestServer> StartAsync(
        IChatClient model, IChatClient? other = null, Action<WeftServerOptions>? configure = null) =>
        TestServer.StartAsync(configure: configure, add: weft =>
        {
            weft.Services.AddSingleton(model);
            if (other is not null)
            {
                weft.Services.AddKeyedSingleton("other", other);
            }
        });

    /// <summary>Answers a text, throws, or never answers.</summary>
    private sealed class ScriptedModel(string? answer) : IChatClient
    {
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Exception? _failure;

        public ScriptedModel(Exception failure)
            : this("") => _failure = failure;

        public List<IReadOnlyList<ChatMessage>> Calls { get; } = [];

        /// <summary>Ends the calls of a model that never answers.</summary>
        public void End() => _ended.TrySetResult();

        public async Task<ChatResponse> GetResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        {
            Calls.Add([.. messages]);
            if (answer is null)
            {
                await _ended.Task;
            }

            return _failure is null ? new ChatResponse(new ChatMessage(ChatRole.Assistant, answer)) : throw _failure;
        }

        public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
