namespace Weft.Runs;

/// <summary>A call of a webhook that has ended.</summary>
/// <param name="Number">Its number among all attempts of the delivery, from 1.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="Duration">How long it took.</param>
/// <param name="StatusCode">The status of the answer; null if the receiver did not answer.</param>
/// <param name="Error">Why the receiver did not answer, in a word such as <c>timeout</c>; null if it answered.</param>
public sealed record WebhookAttempt(int Number, DateTimeOffset StartedAt, TimeSpan Duration, int? StatusCode, string? Error);
