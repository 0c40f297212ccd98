namespace Weft.Graphs;

/// <summary>A resume does not fit the interrupts that are pending.</summary>
public sealed class ResumeException(string message) : GraphException(message);

/// <summary>A strict resume names an interrupt that is not pending.</summary>
public sealed class UnknownInterruptException(string message) : GraphException(message)
{
    /// <summary>The ids that are not pending.</summary>
    public IReadOnlyList<string> InterruptIds { get; init; } = [];

    /// <summary>The ids that are.</summary>
    public IReadOnlyList<string> PendingIds { get; init; } = [];
}

/// <summary>A run was given nothing to do: no input, no command, and nothing pending to continue.</summary>
public sealed class EmptyInputException(string message) : GraphException(message);
