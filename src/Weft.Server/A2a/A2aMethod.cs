namespace Weft.Server;

/// <summary>What a method of A2A does, whatever the version calls it.</summary>
internal enum A2aMethod
{
    Send,
    Stream,
    Get,
    List,
    Cancel,
    Subscribe,
    ExtendedCard,
    Push,
}
