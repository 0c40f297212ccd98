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
/// <param name="pauseMax">The longest pause between two pieces of an answer.</param>
internal sealed class ProviderHandler(string model, string? key, TimeSpan pauseMax) : DelegatingHandler
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
        catch (HttpRequestException e)
        {
            // The outer exception does not say what is wrong if the connection broke.
            var reason = e.InnerException is IOException broken ? broken.Message : e.Message;
            throw new ModelCallException(model, $"The call of the model '{model}' failed: {WithoutKey(reason)}", null, e);
        }

        var body = new WatchedStream(await response.Content.ReadAsStreamAsync(cancellationToken), model, pauseMax);
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
        var text = await ProviderError.ReadAsync(body, cancellationToken);
        var status = response.StatusCode is var code && Enum.IsDefined(code) ? $"{(int)code} ({code})" : $"{(int)code}";
        return text.Length == 0
            ? $"The model '{model}' answered {status}."
            : $"The model '{model}' answered {status}: {WithoutKey(text)}";
    }

    private string WithoutKey(string text) => string.IsNullOrEmpty(key) ? text : text.Replace(key, "***", StringComparison.Ordinal);
}
