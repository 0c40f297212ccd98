namespace Weft.Runs;

/// <summary>
/// Decides which of the servers that share a database removes its expired data. Without it, this server does.
/// </summary>
internal interface ISweepTurn
{
    /// <summary>Returns whether this server removes expired data. No other server does at the same time. It does not wait.</summary>
    Task<bool> TryTakeAsync(CancellationToken cancellationToken);
}
