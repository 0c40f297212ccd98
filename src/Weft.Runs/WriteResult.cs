namespace Weft.Runs;

/// <summary>The result of a write that storage may refuse. A refused write has changed nothing.</summary>
public enum WriteResult
{
    /// <summary>The write is committed.</summary>
    Applied,

    /// <summary>The resource does not exist, or belongs to another actor.</summary>
    Missing,

    /// <summary>It has changed since the caller read it. The caller may read it again and repeat the write.</summary>
    Changed,

    /// <summary>The thread has a run that has not ended, or another attempt executes the run.</summary>
    Busy,
}
