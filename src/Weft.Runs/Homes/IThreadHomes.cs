namespace Weft.Runs;

/// <summary>Finds the home of a thread. A single server is the home of every thread.</summary>
internal interface IThreadHomes
{
    IThreadHome Of(ThreadId threadId);
}
