namespace Weft.Runs;

/// <summary>A receiver of webhooks that has pending deliveries.</summary>
/// <param name="Name">Its host, see <see cref="WebhookRecord.Receiver"/>.</param>
/// <param name="DueAt">When the first of its deliveries is due.</param>
public sealed record WebhookReceiver(string Name, DateTimeOffset DueAt);
