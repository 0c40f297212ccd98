using Weft.Runs;

namespace Weft.Cluster;

/// <summary>A thread whose runs readers on this server follow, also runs that are created later.</summary>
internal sealed class FollowedThread
{
    /// <summary>One caller at a time changes where the thread is.</summary>
    public SemaphoreSlim Turn { get; } = new(1, 1);

    /// <summary>Whether this server is its home, and stays it.</summary>
    public bool IsHeld { get; set; }

    /// <summary>Whether the database may name this server as its home. It did once.</summary>
    public bool MayBeStored { get; set; }

    /// <summary>What is known of its runs on another server; null if this server is its home, or its home is not known.</summary>
    public CopiedThread? Copy { get; set; }

    /// <summary>Whether it is followed no more. Then another object stands for the thread.</summary>
    public bool IsRemoved { get; set; }

    /// <summary>The actor that it belongs to; null if no reader here has told.</summary>
    public string? Owner { get; set; }

    /// <summary>When somebody needed it last, as a time stamp.</summary>
    public long UsedAt { get; set; }

    /// <summary>When it was last known to be held, as a time stamp.</summary>
    public long CheckedAt { get; set; }

    /// <summary>The first run, in the order of starts, that a reader wants.</summary>
    public long StartOrder { get; set; } = long.MaxValue;

    /// <summary>Whether a reader wants all events.</summary>
    public bool WantsAllEvents { get; set; }

    public bool IsKnown => IsHeld || Copy is { IsLost: false };
}
