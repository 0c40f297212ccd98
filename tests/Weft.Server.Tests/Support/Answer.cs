using System.Net;
using System.Text.Json;

namespace Weft.Server.Tests;

/// <summary>What the server answered.</summary>
public sealed record Answer(int Status, string Text, IReadOnlyDictionary<string, string> Headers)
{
    public JsonElement Json => JsonElement.Parse(Text);

    /// <summary><c>detail</c> of an error, when it is text.</summary>
    public string Detail => Json.GetProperty("detail").GetString()!;

    /// <summary><c>Content-Location</c> without a mount's prefix: the path of the run that was created.</summary>
    public string RunPath =>
        Header("Content-Location")![(Header("Content-Location")!.StartsWith("/api/", StringComparison.Ordinal) ? "/api".Length : 0)..];

    public string RunId => RunPath.Split('/')[^1];

    public string ThreadId => RunPath.Split('/')[^3];

    public static async Task<Answer> ReadAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken).Within("the body of an answer");
        var headers = response.Headers.Concat(response.Content.Headers)
            .ToDictionary(header => header.Key, header => string.Join(",", header.Value), StringComparer.OrdinalIgnoreCase);
        return new Answer((int)response.StatusCode, text, headers);
    }

    public string? Header(string name) => Headers.GetValueOrDefault(name);

    /// <summary>Fails with the body when the status is another.</summary>
    public Answer ShouldBe(HttpStatusCode status)
    {
        Status.ShouldBe((int)status, Text);
        return this;
    }

    public Answer ShouldBeOk() => ShouldBe(HttpStatusCode.OK);

    public string String(string member) => Json.GetProperty(member).GetString()!;

    public override string ToString() => $"{Status} {Text}";
}
