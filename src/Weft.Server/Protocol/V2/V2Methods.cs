namespace Weft.Server;

/// <summary>The methods of events, in UTF-8.</summary>
internal static class V2Methods
{
    public static readonly byte[] Values = [.. "values"u8];
    public static readonly byte[] Updates = [.. "updates"u8];
    public static readonly byte[] Messages = [.. "messages"u8];
    public static readonly byte[] Tools = [.. "tools"u8];
    public static readonly byte[] Lifecycle = [.. "lifecycle"u8];
    public static readonly byte[] InputRequested = [.. "input.requested"u8];
    public static readonly byte[] InputAnswered = [.. "input.answered"u8];
    public static readonly byte[] Checkpoints = [.. "checkpoints"u8];
    public static readonly byte[] Tasks = [.. "tasks"u8];
    public static readonly byte[] Custom = [.. "custom"u8];

    /// <summary>Events were removed before they could be sent. Clients ignore methods that they do not know.</summary>
    public static readonly byte[] Gap = [.. "gap"u8];
}
