namespace Weft.Runs;

/// <summary>What a new run has to do with the interrupts of its thread that wait for answers. See <see cref="QuestionCheck"/>.</summary>
internal enum QuestionRule
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>
    /// Its input is the answer if interrupts wait, no other run is unfinished, and none has executed since the request came.
    /// </summary>
    InputMayAnswer,

    /// <summary>Its command answers interrupts by their ids. It is refused unless all of them wait.</summary>
    AnswersOpen,

    /// <summary>It is refused if interrupts wait, and it fails if they wait when it starts.</summary>
    NeedsNone,
}
