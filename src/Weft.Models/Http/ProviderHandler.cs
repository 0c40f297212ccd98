using System.Net;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace Weft.Models.Http;

/// <summary>
/// Makes one kind of exception of all failures, whichever client calls. Clients do not see them, so they can't repeat calls, or put
/// secrets into messages of their own.
/// </summary>
/// <param name="model">The name under which the model is configured.</param>
/// <param name="key">The key, which is removed from what the provider says; null if there is none.</param>
/// <param name="limits">The times that an answer may take to begin, and to pause.</param>
internal sealed class ProviderHandler(string model, string? key, ModelResilienceOptions limits) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HttpResponseMessage response;
        try
        {
            response = await base.SendAsync(request, cancellationToken);
        }
        catch (TimeoutRejectedException e)
        {
            throw new ModelCallException(model, $"The model '{model}' did not begin to answer within {e.Timeout}.", null, e);
        }
        catch (BrokenCircuitException e)
        {
            throw new ModelCallException(
                model, $"The model '{model}' is not called for a while, because too many calls have failed.", null, e);
        }
        // A connection that takes too long to open cancels the call.
        catch (Exception e) when (e is HttpRequestException
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            var reason = ProviderError.WithoutKey(ProviderError.ReasonOf(e), key);
            throw new ModelCallException(model, $"The call of the model '{model}' failed: {reason}", null, e);
        }

        var body = new WatchedStream(
            await response.Content.ReadAsStreamAsync(cancellationToken), model, limits.AttemptTimeout, limits.PauseMax);
        if (!response.IsSuccessStatusCode)
        {
            using (response)
            await using (body)
            {
                throw new ModelCallException(model, await DescribeAsync(response, body, cancellationToken), response.StatusCode);
            }
        }

        response.Content = new WatchedContent(response.Content, body);
        return response;
    }

    private async Task<string> DescribeAsync(HttpResponseMessage response, Stream body, CancellationToken cancellationToken)
    {
        var text = await ProviderError.ReadAsync(body, key, cancellationToken);
        var status = response.StatusCode is var code && Enum.IsDefined(code) ? $"{(int)code} ({code})" : $"{(int)code}";
        return text.Length == 0
            ? $"The model '{model}' answered {status}."
            : $"The model '{model}' answered {status}: {text}";
    }
}
