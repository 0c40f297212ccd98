namespace Weft.Server;

/// <summary>The channels of the second protocol (docs/protocol/v2.md 5).</summary>
[Flags]
internal enum V2Channels
{
    None = 0,
    Values = 1,
    Updates = 2,
    Messages = 4,
    Tools = 8,
    Lifecycle = 16,
    Input = 32,
    Checkpoints = 64,
    Tasks = 128,
    Custom = 256,
}
