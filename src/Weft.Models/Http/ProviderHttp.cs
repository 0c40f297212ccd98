using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace Weft.Models.Http;

/// <summary>Makes the HTTP client of a model: errors, then repetitions and limits, then the network.</summary>
internal static partial class ProviderHttp
{
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(15);

    public static HttpClient Create(
        string name, string provider, ModelOptions options, ModelResilienceOptions resilience, ILoggerFactory loggers)
    {
        HttpMessageHandler handler = new SocketsHttpHandler
        {
            // Headers with keys would be sent along to another server.
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.All,
            ConnectTimeout = resilience.ConnectTimeout,
            // So that a change of the provider's address is noticed.
            PooledConnectionLifetime = ConnectionLifetime,
        };
        var logger = loggers.CreateLogger("Weft.Models");
        handler = new ResilienceHandler(Pipeline(name, resilience, logger)) { InnerHandler = handler };
        handler = provider switch
        {
            Providers.AzureOpenAi => new AzureHandler(options.ApiKey!, options.ApiVersion) { InnerHandler = handler },
            Providers.Anthropic => new AnthropicHandler { InnerHandler = handler },
            _ => handler,
        };

        handler = new ProviderHandler(name, options.ApiKey, resilience) { InnerHandler = handler };
        var http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        if (provider == Providers.Ollama && options.ApiKey is { } key)
        {
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        return http;
    }

    private static ResiliencePipeline<HttpResponseMessage> Pipeline(string name, ModelResilienceOptions options, ILogger logger)
    {
        var pipeline = new ResiliencePipelineBuilder<HttpResponseMessage>().AddTimeout(options.TotalTimeout);
        if (options.RetriesMax > 0)
        {
            pipeline.AddRetry(new HttpRetryStrategyOptions
            {
                MaxRetryAttempts = options.RetriesMax,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = options.RetryDelay,
                MaxDelay = options.RetryDelayMax,
                ShouldHandle = call => new(
                    IsTransient(call.Outcome, call.Context)
                    && !AsksForMore(call.Outcome.Result, options.RetryDelayMax)),
                OnRetry = call =>
                {
                    LogRetry(logger, name, ReasonOf(call.Outcome), call.RetryDelay);
                    return default;
                },
            });
        }

        if (options.BreakRatio > 0)
        {
            pipeline.AddCircuitBreaker(new HttpCircuitBreakerStrategyOptions
            {
                FailureRatio = options.BreakRatio,
                MinimumThroughput = options.BreakAttemptsMin,
                BreakDuration = options.BreakTime,
                // A provider that limits its callers works.
                ShouldHandle = call => new(
                    IsTransient(call.Outcome, call.Context)
                    && call.Outcome.Result?.StatusCode != HttpStatusCode.TooManyRequests),
                OnOpened = call =>
                {
                    LogBreak(logger, name, ReasonOf(call.Outcome), call.BreakDuration);
                    return default;
                },
            });
        }

        return pipeline.AddTimeout(options.AttemptTimeout).Build();
    }

    // A connection that takes too long to open cancels the call, and nobody else has.
    private static bool IsTransient(Outcome<HttpResponseMessage> outcome, ResilienceContext context) =>
        HttpClientResiliencePredicates.IsTransient(outcome)
        || (outcome.Exception is OperationCanceledException { InnerException: TimeoutException }
            && !context.CancellationToken.IsCancellationRequested);

    // A date is compared with the clock of this machine, because the strategy waits by it too.
    private static bool AsksForMore(HttpResponseMessage? response, TimeSpan delayMax) =>
        response?.Headers.RetryAfter is { } wait
        && (wait.Delta ?? wait.Date - TimeProvider.System.GetUtcNow()) is { } asked && asked > delayMax;

    private static string ReasonOf(Outcome<HttpResponseMessage> outcome) => outcome switch
    {
        { Result: { } response } => $"status {(int)response.StatusCode}",
        { Exception: TimeoutRejectedException } => "no answer in time",
        { Exception: BrokenCircuitException } => "not called",
        { Exception: { } error } => ProviderError.ReasonOf(error),
        _ => "unknown",
    };

    [LoggerMessage(1, LogLevel.Information, "The call of the model {Model} failed ({Reason}) and is repeated in {Delay}.")]
    private static partial void LogRetry(ILogger logger, string model, string reason, TimeSpan delay);

    [LoggerMessage(
        2,
        LogLevel.Warning,
        "Too many calls of the model {Model} have failed (the last: {Reason}). It is not called for {Time}.")]
    private static partial void LogBreak(ILogger logger, string model, string reason, TimeSpan time);
}
