namespace Weft.Runs;

/// <summary>Another server is the home of a thread.</summary>
/// <param name="threadId">The thread.</param>
/// <param name="home">The key of its home; null if that is not known.</param>
internal sealed class ThreadElsewhereException(ThreadId threadId, int? home)
    : Exception($"Another server is the home of thread {threadId}.")
{
    public int? Home { get; } = home;
}
