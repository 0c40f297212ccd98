namespace Weft.Runs;

/// <summary>What a new run does about those of its thread that have not ended (protocol, section C3).</summary>
public enum MultitaskStrategy
{
    /// <summary>The new run is refused.</summary>
    Reject,

    /// <summary>The others are cancelled; what they have done stays.</summary>
    Interrupt,

    /// <summary>The others are removed with all that they have done.</summary>
    Rollback,

    /// <summary>The new run waits for its turn.</summary>
    Enqueue,
}
