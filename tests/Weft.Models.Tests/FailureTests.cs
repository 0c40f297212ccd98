using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Weft.Server.Tests;
using static Weft.Models.Tests.ProviderServer;
using static Weft.Models.Tests.Reply;

namespace Weft.Models.Tests;

/// <summary>Providers that misbehave: what clients see, that keys stay secret, and that the thread can be used afterwards.</summary>
public sealed class FailureTests
{
    // Long enough for the call after the failure, also on a busy machine.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private static readonly string[] Kinds = ["401", "429", "500", "503", "redirects", "nonsense"];

    // One of each kind of client.
    public static TheoryData<string> Dialects => ["openai", "azure-openai", "ollama", "anthropic"];

    public static MatrixTheoryData<string, string> Failures => new(Dialects.Select(row => row.Data), Kinds);

    [Theory]
    [MemberData(nameof(Failures))]
    public Task A_failure_is_told_without_the_key_and_the_thread_goes_on(string dialect, string kind) => ShowFailureAsync(dialect, kind);

    // All dialects at once, because each takes as long as the limit.
    [Theory]
    [InlineData("hangs")]
    [InlineData("stalls")]
    [InlineData("pauses")]
    public Task A_model_that_takes_too_long_is_told_and_the_thread_goes_on(string kind) =>
        Task.WhenAll(Dialects.Select(row => ShowFailureAsync(row.Data, kind)));

    [Theory]
    [MemberData(nameof(Dialects))]
    public async Task An_answer_that_ends_in_the_middle_is_not_asked_for_again(string dialect)
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var provider = await ProviderServer.StartAsync(
            dialect,
            async call =>
            {
                await Dialect.All[dialect].BeginAsync(call, "Hel");
                await seen.Task.Within("the beginning to be seen");
                call.Http.Abort();
            },
            Answers(dialect, Says("Hello.")));
        await using var app = await ModelApp.StartAsync(provider, resilience => resilience.RetriesMax = 3);
        var thread = await app.Api.NewThreadAsync();
        using var stream = await app.Api.StreamAsync(
            $"/threads/{thread}/runs/stream", """{"assistant_id":"agent","input":{"messages":"one"},"stream_mode":"messages-tuple"}""");

        (await stream.UntilAsync("messages")).Data.ShouldContain("Hel");
        seen.SetResult();

        var error = (await stream.UntilAsync("error")).Json;
        error.Text("error").ShouldBe("ModelCallException");
        error.Text("message").ShouldStartWith("The answer of the model 'small' ended in the middle: ");
        provider.Calls.Count.ShouldBe(1);
        (await app.SayAsync(thread, "two")).ShouldBeOk().Text.ShouldContain("Hello.");
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public async Task A_call_is_repeated_until_it_succeeds(string dialect)
    {
        await using var provider = await ProviderServer.StartAsync(
            dialect,
            Refuses(dialect, 429, "Slow down.", retryAfter: "0"),
            Refuses(dialect, 500, "Out of order."),
            Drops,
            Answers(dialect, Says("Hello.")));
        await using var app = await ModelApp.StartAsync(provider, resilience => resilience.RetriesMax = 3);

        var frames = await app.StreamAsync(await app.Api.NewThreadAsync(), "one");

        frames.Where(frame => frame.Event == "error").Select(frame => frame.Data).ShouldBeEmpty();
        provider.Calls.Count.ShouldBe(4);
        provider.Calls.ShouldAllBe(call => call.Body.GetRawText() == provider.Calls[0].Body.GetRawText());
        provider.Calls.ShouldAllBe(call => call.Path == provider.Dialect.CallPath);
        app.Log.Count(line => line.StartsWith("The call of the model small failed (status 429) and is repeated in", StringComparison.Ordinal))
            .ShouldBe(1);
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public async Task A_call_that_keeps_failing_is_made_as_often_as_the_options_say(string dialect)
    {
        await using var provider = await ProviderServer.StartAsync(
            dialect, [.. Enumerable.Repeat(Refuses(dialect, 500, "Out of order."), 3), Answers(dialect, Says("Hello."))]);
        await using var app = await ModelApp.StartAsync(provider, resilience => resilience.RetriesMax = 2);
        var thread = await app.Api.NewThreadAsync();

        var frames = await app.StreamAsync(thread, "one");

        frames.Single(frame => frame.Event == "error").Json.Text("message")
            .ShouldBe("The model 'small' answered 500 (InternalServerError): Out of order. (***)");
        provider.Calls.Count.ShouldBe(3);
        (await app.SayAsync(thread, "two")).ShouldBeOk().Text.ShouldContain("Hello.");
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public async Task A_wait_that_is_too_long_is_not_waited(string dialect)
    {
        await using var provider = await ProviderServer.StartAsync(dialect, Refuses(dialect, 429, "Come tomorrow.", retryAfter: "86000"));
        await using var app = await ModelApp.StartAsync(provider, resilience => resilience.RetriesMax = 3);

        var frames = await app.StreamAsync(await app.Api.NewThreadAsync(), "one");

        frames.Single(frame => frame.Event == "error").Json.Text("message").ShouldContain("answered 429 (TooManyRequests): Come tomorrow.");
        provider.Calls.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_date_that_is_too_far_away_is_not_waited_for_even_if_the_provider_says_that_it_is_now()
    {
        var date = TimeProvider.System.GetUtcNow().AddYears(1).ToString("R", CultureInfo.InvariantCulture);
        await using var provider = await ProviderServer.StartAsync("openai", call =>
        {
            call.Http.Response.Headers.Date = date;
            return Refuses("openai", 429, "Come next year.", date)(call);
        });
        await using var app = await ModelApp.StartAsync(provider, resilience => resilience.RetriesMax = 3);

        var frames = await app.StreamAsync(await app.Api.NewThreadAsync(), "one");

        frames.Single(frame => frame.Event == "error").Json.Text("message").ShouldContain("Come next year.");
        provider.Calls.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_key_is_removed_before_a_long_text_is_cut()
    {
        await using var provider = await ProviderServer.StartAsync("openai", Refuses("openai", 400, new string('x', 990)));
        await using var app = await ModelApp.StartAsync(provider);

        var frames = await app.StreamAsync(await app.Api.NewThreadAsync(), "one");

        frames.Single(frame => frame.Event == "error").Json.Text("message")
            .ShouldBe($"The model 'small' answered 400 (BadRequest): {new string('x', 990)} (***)");
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public async Task A_call_that_is_not_streamed_ends_in_the_middle_of_its_answer_when_it_is_cancelled(string dialect)
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var provider = await ProviderServer.StartAsync(dialect, async call =>
        {
            await call.WriteAsync("application/json", "{");
            begun.SetResult();
            await call.HangAsync();
            gone.SetResult();
        });
        await using var services = new ServiceCollection()
            .AddWeftModels(new ModelsOptions { Chat = { ["small"] = provider.Options() } }).BuildServiceProvider();
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var answer = services.GetRequiredKeyedService<IChatClient>("small").GetResponseAsync("hi", cancellationToken: cancellation.Token);
        await begun.Task.Within("the answer to begin");

        await cancellation.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(answer.Within("the call to end"));
        await gone.Task.Within("the connection to close");
    }

    [Fact]
    public async Task A_connection_that_takes_too_long_to_open_is_tried_again_told_and_counted()
    {
        // The handshake of TLS is part of the opening, and nobody answers it here.
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var options = new ModelsOptions
        {
            Chat =
            {
                ["small"] = new ModelOptions
                {
                    Provider = "openai",
                    Endpoint = $"https://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}/v1",
                },
            },
            Resilience =
            {
                ConnectTimeout = TimeSpan.FromMilliseconds(50),
                RetriesMax = 1,
                RetryDelay = TimeSpan.FromMilliseconds(1),
                BreakAttemptsMin = 2,
                BreakTime = TimeSpan.FromHours(1),
            },
        };
        await using var app = await ModelApp.StartAsync(services => services.AddWeftModels(options));
        var thread = await app.Api.NewThreadAsync();

        var failed = await app.StreamAsync(thread, "one");
        var refused = await app.StreamAsync(thread, "two");

        var error = failed.Single(frame => frame.Event == "error").Json;
        error.Text("error").ShouldBe("ModelCallException");
        error.Text("message").ShouldStartWith("The call of the model 'small' failed: A connection could not be established");
        app.Log.Count(line => line.Contains("is repeated in")).ShouldBe(1);
        refused.Single(frame => frame.Event == "error").Json.Text("message").ShouldContain("is not called for a while");
    }

    [Fact]
    public async Task A_provider_that_can_not_be_reached_is_told()
    {
        var provider = await ProviderServer.StartAsync("openai");
        await using var app = await ModelApp.StartAsync(provider, resilience => resilience.RetriesMax = 1);
        await provider.DisposeAsync();

        var frames = await app.StreamAsync(await app.Api.NewThreadAsync(), "one");

        frames.Single(frame => frame.Event == "error").Json.Text("message").ShouldStartWith("The call of the model 'small' failed: Connection refused");
        app.Log.Count(line => line.Contains("is repeated in")).ShouldBe(1);
    }

    [Fact]
    public async Task A_model_that_fails_all_the_time_is_not_called_for_a_while()
    {
        await using var provider = await ProviderServer.StartAsync(
            "openai", Refuses("openai", 500, "Out of order."), Refuses("openai", 500, "Out of order."));
        await using var app = await ModelApp.StartAsync(
            provider, resilience => (resilience.BreakAttemptsMin, resilience.BreakTime) = (2, TimeSpan.FromHours(1)));
        var thread = await app.Api.NewThreadAsync();
        await app.StreamAsync(thread, "one");
        await app.StreamAsync(thread, "two");

        var frames = await app.StreamAsync(thread, "three");

        frames.Single(frame => frame.Event == "error").Json.Text("message")
            .ShouldBe("The model 'small' is not called for a while, because too many calls have failed.");
        provider.Calls.Count.ShouldBe(2);
        app.Log.ShouldContain(line => line.StartsWith("Too many calls of the model small have failed (the last: status 500).", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("openai")]
    [InlineData("azure-openai")]
    [InlineData("anthropic")]
    public async Task Arguments_that_are_not_json_are_told_to_the_model(string dialect)
    {
        await using var provider = await ProviderServer.StartAsync(
            dialect, Answers(dialect, Asks("add", "{\"a\": 1,", " \"b\"")), Answers(dialect, Says("Sorry.")));
        await using var app = await ModelApp.StartAsync(provider);

        var frames = await app.StreamAsync(await app.Api.NewThreadAsync(), "1+2?");

        frames.Where(frame => frame.Event == "error").Select(frame => frame.Data).ShouldBeEmpty();
        var messages = frames.Last(frame => frame.Event == "values").Json.GetProperty("messages").EnumerateArray().ToList();
        messages.Select(message => message.Text("type")).ShouldBe(["human", "ai", "tool", "ai"]);
        messages[1].GetProperty("invalid_tool_calls")[0].Text("name").ShouldBe("add");
        messages[2].Text("status").ShouldBe("error");
        messages[2].Text("content").ShouldStartWith("Error: the call was not made, because its arguments must be a JSON object.");
    }

    // Ollama sends arguments as an object. Its client does not read anything else, so the answer is one that makes no sense.
    [Theory]
    [InlineData("\"{\\\"a\\\": 1,\"")]
    [InlineData("[1, 2]")]
    [InlineData("{\"a\": 1,")]
    public async Task Arguments_of_Ollama_that_are_no_object_end_the_run_and_the_thread_goes_on(string arguments)
    {
        await using var provider = await ProviderServer.StartAsync(
            "ollama", Answers("ollama", Asks("add", arguments)), Answers("ollama", Says("Hello.")));
        await using var app = await ModelApp.StartAsync(provider);
        var thread = await app.Api.NewThreadAsync();

        var frames = await app.StreamAsync(thread, "1+2?");

        frames.Single(frame => frame.Event == "error").Json.Text("message").ShouldNotBeNullOrEmpty();
        (await app.Api.GetAsync($"/threads/{thread}")).String("status").ShouldBe("error");
        (await app.SayAsync(thread, "two")).ShouldBeOk().Json.GetProperty("messages").EnumerateArray()
            .Select(message => message.Text("type")).ShouldBe(["human", "human", "ai"]);
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public async Task Arguments_that_do_not_fit_are_told_to_the_model(string dialect)
    {
        await using var provider = await ProviderServer.StartAsync(
            dialect, Answers(dialect, Asks("add", "{\"a\": \"one\", \"b\": 2}")), Answers(dialect, Says("Sorry.")));
        await using var app = await ModelApp.StartAsync(provider);

        var frames = await app.StreamAsync(await app.Api.NewThreadAsync(), "1+2?");

        frames.Where(frame => frame.Event == "error").Select(frame => frame.Data).ShouldBeEmpty();
        var messages = frames.Last(frame => frame.Event == "values").Json.GetProperty("messages").EnumerateArray().ToList();
        messages.Select(message => message.Text("type")).ShouldBe(["human", "ai", "tool", "ai"]);
        messages[2].Text("status").ShouldBe("error");
        messages[2].Text("content").ShouldStartWith("Error: ");
        messages[3].Text("content").ShouldBe("Sorry.");
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public async Task A_tool_that_does_not_exist_is_told_to_the_model(string dialect)
    {
        await using var provider = await ProviderServer.StartAsync(
            dialect, Answers(dialect, Asks("subtract", "{\"a\": 1}")), Answers(dialect, Says("Sorry.")));
        await using var app = await ModelApp.StartAsync(provider);

        var frames = await app.StreamAsync(await app.Api.NewThreadAsync(), "1-2?");

        var messages = frames.Last(frame => frame.Event == "values").Json.GetProperty("messages").EnumerateArray().ToList();
        messages[2].Text("content").ShouldBe("Error: subtract is not a tool; there are add.");
        messages[3].Text("content").ShouldBe("Sorry.");
        provider.Calls[1].Body.GetRawText().ShouldContain("subtract is not a tool");
    }

    private static async Task ShowFailureAsync(string dialect, string kind)
    {
        await using var provider = await ProviderServer.StartAsync(dialect, Failing(dialect, kind), Answers(dialect, Says("Hello.")));
        await using var app = await ModelApp.StartAsync(provider, resilience =>
        {
            if (kind is "hangs" or "stalls")
            {
                resilience.AttemptTimeout = Limit;
            }

            if (kind == "pauses")
            {
                resilience.PauseMax = Limit;
            }
        });
        var thread = await app.Api.NewThreadAsync();

        var frames = await app.StreamAsync(thread, "one");

        var error = frames.Single(frame => frame.Event == "error").Json;
        if (kind == "nonsense")
        {
            error.Text("message").ShouldNotBeEmpty();
        }
        else
        {
            error.Text("error").ShouldBe("ModelCallException");
            error.Text("message").ShouldBe(MessageOf(kind));
        }

        (await app.Api.GetAsync($"/threads/{thread}")).String("status").ShouldBe("error");
        var values = (await app.SayAsync(thread, "two")).ShouldBeOk().Json;
        values.GetProperty("messages").EnumerateArray().Select(message => message.GetProperty("type").GetString())
            .ShouldBe(["human", "human", "ai"]);
        provider.Calls.Count.ShouldBe(2);
        string[] seen = [.. frames.Select(frame => frame.Raw), (await app.Api.GetAsync($"/threads/{thread}/state")).Text, .. app.Log];
        seen.ShouldAllBe(text => !text.Contains(Key));
    }

    private static Func<ProviderCall, Task> Failing(string dialect, string kind) => kind switch
    {
        "hangs" => call => call.HangAsync(),
        "stalls" => StallAsync,
        "pauses" => call => PauseAsync(dialect, call),
        "redirects" => Redirects,
        "nonsense" => call => dialect == "ollama" ? call.SendLineAsync("{\"message\":") : call.SendEventAsync("{\"message\":", "message_start"),
        _ => Refuses(dialect, int.Parse(kind), "No."),
    };

    /// <summary>Sends the headers and no answer.</summary>
    private static async Task StallAsync(ProviderCall call)
    {
        await call.WriteAsync("text/event-stream", "");
        await call.HangAsync();
    }

    private static async Task PauseAsync(string dialect, ProviderCall call)
    {
        await Dialect.All[dialect].BeginAsync(call, "Hel");
        await call.HangAsync();
    }

    private static Task Redirects(ProviderCall call)
    {
        call.Http.Response.Redirect("http://192.0.2.1/");
        return Task.CompletedTask;
    }

    private static Task Drops(ProviderCall call)
    {
        call.Http.Abort();
        return Task.CompletedTask;
    }

    private static string MessageOf(string kind) => kind switch
    {
        "hangs" or "stalls" => $"The model 'small' did not begin to answer within {Limit}.",
        "pauses" => $"The model 'small' paused for more than {Limit} in the middle of its answer.",
        "redirects" => "The model 'small' answered 302 (Found).",
        "401" => "The model 'small' answered 401 (Unauthorized): No. (***)",
        "429" => "The model 'small' answered 429 (TooManyRequests): No. (***)",
        "500" => "The model 'small' answered 500 (InternalServerError): No. (***)",
        _ => "The model 'small' answered 503 (ServiceUnavailable): No. (***)",
    };
}
