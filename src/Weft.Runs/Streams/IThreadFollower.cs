namespace Weft.Runs;

/// <summary>Reads the runs of a thread, also those that start later.</summary>
internal interface IThreadFollower
{
    ThreadId ThreadId { get; }

    /// <summary>
    /// Whether it reads all events of the runs, so that those of a run that is created meanwhile are recorded and stored.
    /// </summary>
    bool WantsAllEvents { get; }

    /// <summary>Called when a run of the thread starts.</summary>
    void RunStarted();

    /// <summary>Called when a client has edited the state of the thread.</summary>
    void StateEdited(EditNotice edit);

    /// <summary>Called when this server has given the thread to another one of its cluster.</summary>
    void ThreadGiven();

    /// <summary>Called when the thread was deleted.</summary>
    void ThreadDeleted();
}
