namespace Weft.Models.Http;

/// <summary>Sends the key and the version of the API as Azure OpenAI wants them.</summary>
internal sealed class AzureHandler(string key, string? version) : DelegatingHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.Authorization = null;
        request.Headers.Add("api-key", key);
        if (version is not null)
        {
            request.RequestUri = new UriBuilder(request.RequestUri!) { Query = $"api-version={Uri.EscapeDataString(version)}" }.Uri;
        }

        return base.SendAsync(request, cancellationToken);
    }
}
