namespace Weft.Graphs;

/// <summary>Keeps what the durable steps of a superstep's tasks returned.</summary>
internal interface IStepJournal
{
    TaskOutcome? FindStep(string id);

    Task KeepStepAsync(TaskOutcome outcome);
}
