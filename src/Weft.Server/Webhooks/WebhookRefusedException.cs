namespace Weft.Server;

/// <summary>The name of a receiver has no address that may be called.</summary>
internal sealed class WebhookRefusedException(string host) : Exception($"The host '{host}' has no address that may be called.");
