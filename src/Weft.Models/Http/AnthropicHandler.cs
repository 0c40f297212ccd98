namespace Weft.Models.Http;

/// <summary>Removes the headers that Anthropic's client takes from the environment, and sends to whichever server it calls.</summary>
internal sealed class AnthropicHandler : DelegatingHandler
{
    private const string Variable = "ANTHROPIC_CUSTOM_HEADERS";

    private readonly List<(string Name, string Value)> _headers = [.. Read(Environment.GetEnvironmentVariable(Variable) ?? "")];

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        foreach (var (name, value) in _headers)
        {
            if (request.Headers.NonValidated.TryGetValues(name, out var values))
            {
                // The configuration may have a header of the same name.
                var others = values.ToList();
                others.Remove(value);
                request.Headers.Remove(name);
                request.Headers.TryAddWithoutValidation(name, others);
            }
        }

        return base.SendAsync(request, cancellationToken);
    }

    /// <summary>Reads a header from each line.</summary>
    private static IEnumerable<(string Name, string Value)> Read(string text) =>
        from line in text.Split('\n')
        let colon = line.IndexOf(':', StringComparison.Ordinal)
        where colon > 0
        select (line[..colon].Trim(), line[(colon + 1)..].Trim());
}
