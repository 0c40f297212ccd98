namespace Weft.Graphs;

/// <summary>Keeps what happens inside the tasks of a superstep before they are done.</summary>
internal interface ITaskJournal
{
    /// <summary>Returns what is known of a task or durable step.</summary>
    TaskOutcome? Find(string id);

    /// <summary>
    /// Claims a namespace that keeps its state per thread for a task of the superstep; false if another task has it.
    /// </summary>
    bool TryClaim(string checkpointNamespace, string taskId);

    /// <summary>Keeps what a durable step returned, or that a task was given an answer.</summary>
    Task KeepAsync(TaskOutcome outcome);
}
