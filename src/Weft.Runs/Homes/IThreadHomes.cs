namespace Weft.Runs;

/// <summary>Finds the home of a thread. A server that is alone is the home of every thread.</summary>
internal interface IThreadHomes
{
    IThreadHome Of(ThreadId threadId);
}
