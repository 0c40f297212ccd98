namespace Weft.Runs;

/// <summary>Wakes the sender of webhooks, because a delivery may be due earlier than it knows.</summary>
internal sealed class WebhookSignal : WakeSignal;
