namespace Weft.Runs;

/// <summary>The state of the delivery of a webhook.</summary>
public enum WebhookStatus
{
    /// <summary>It is being called, or will be called again.</summary>
    Pending,

    /// <summary>The receiver has accepted it.</summary>
    Delivered,

    /// <summary>It was given up.</summary>
    Failed,
}
