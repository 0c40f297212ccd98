namespace Weft.Server;

/// <summary>The result of one call of a webhook.</summary>
/// <param name="StatusCode">The status of the answer; null if there was none.</param>
/// <param name="Error">Why there was no answer, in a word; null if there was one.</param>
internal readonly record struct WebhookAnswer(int? StatusCode, string? Error)
{
    /// <summary>The address may not be called.</summary>
    public const string Refused = "address_refused";

    /// <summary>The server stopped during the call.</summary>
    public const string Stopped = "server_stopped";

    private const int Gone = 410;

    /// <summary>The wait that the receiver asks for; null if it asks for none.</summary>
    public TimeSpan? RetryAfter { get; init; }

    public bool IsAccepted => StatusCode is >= 200 and < 300;

    /// <summary>
    /// Whether another call would be useless. Other refusals are retried, because receivers answer with 401 or 404 while they are
    /// deployed or their configuration is wrong.
    /// </summary>
    public bool IsFinal => IsAccepted || StatusCode == Gone || Error == Refused;
}
