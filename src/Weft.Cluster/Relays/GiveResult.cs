namespace Weft.Cluster;

/// <summary>What became of a thread that this server wanted to give to another one.</summary>
internal enum GiveResult
{
    /// <summary>This server does not hold the thread any more. Which one does is not known.</summary>
    Gone,

    /// <summary>The other server does not take it.</summary>
    Refused,

    /// <summary>The other server can't take it now.</summary>
    Busy,

    /// <summary>The other server does not answer.</summary>
    Unanswered,
}
