namespace Weft.Runs;

/// <summary>Reads the requests that crons store. The server that accepted them implements it.</summary>
public interface ICronRequests
{
    /// <summary>Returns the run that a cron asks for, as if its <see cref="CronRecord.Payload"/> were sent now.</summary>
    /// <exception cref="WeftException">The server does not have the assistant any more, or refuses a field.</exception>
    RunSpec Read(CronRecord cron);
}
