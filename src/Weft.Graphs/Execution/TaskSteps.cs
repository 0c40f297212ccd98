namespace Weft.Graphs;

/// <summary>Numbers the durable steps that one try of a task makes.</summary>
internal sealed class TaskSteps(string taskId)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Name, string? Key), int> _made = [];
    private int _all;

    /// <summary>Returns the id of the next step with this name and key.</summary>
    public StepId Next(string name, string? key)
    {
        lock (_lock)
        {
            var number = _made.GetValueOrDefault((name, key));
            _made[(name, key)] = number + 1;
            return new StepId(TaskIds.ForStep(taskId, name, key, number), TaskIds.ForOlderStep(taskId, name, _all++));
        }
    }
}

/// <summary>The id of a durable step.</summary>
/// <param name="Value">The id.</param>
/// <param name="Older">The id in threads that were stored when all steps of a task were numbered together.</param>
internal readonly record struct StepId(string Value, string Older);
