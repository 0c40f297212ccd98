using Weft.Graphs;

namespace Weft.Runs;

/// <summary>A run with <see cref="QuestionRule.NeedsNone"/> starts on a thread that waits for answers.</summary>
internal sealed class ThreadWaitsException() : GraphException("The thread waits for answers, so the message was not added.");
