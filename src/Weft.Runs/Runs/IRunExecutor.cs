namespace Weft.Runs;

/// <summary>Executes runs that have their turn.</summary>
internal interface IRunExecutor
{
    /// <summary>Executes a run until its end is stored. No exception leaves it.</summary>
    /// <param name="run">The run.</param>
    /// <param name="progressed">Called each time the run has stored something; null when nobody needs to know.</param>
    Task ExecuteAsync(ActiveRun run, Action? progressed);
}
