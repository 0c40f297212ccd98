namespace Weft.Graphs;

/// <summary>Records what happens inside the tasks of a superstep before the tasks are done.</summary>
internal interface ITaskJournal
{
    /// <summary>Returns the known outcome of a task or durable step; null if there is none.</summary>
    TaskOutcome? Find(string id);

    /// <summary>
    /// Claims a namespace that keeps its state per thread for a task of the superstep; false if another task has it.
    /// </summary>
    bool TryClaim(string checkpointNamespace, string taskId);

    /// <summary>Keeps the return value of a durable step, or the answer that a task has got.</summary>
    Task KeepAsync(TaskOutcome outcome);
}
