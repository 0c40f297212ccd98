namespace Weft.Runs;

/// <summary>Executes runs whose turn has come.</summary>
internal interface IRunExecutor
{
    /// <summary>Executes a run until its end is stored. Throws no exception.</summary>
    /// <param name="run">The run.</param>
    /// <param name="progressed">Called each time the run has stored something; null if no caller needs to know.</param>
    Task ExecuteAsync(ActiveRun run, Action? progressed);
}
