namespace Weft.Runs;

/// <summary>
/// Decides how long requests that wait for runs may go on when the server stops. In a cluster they go on until their runs have ended,
/// on whatever server.
/// </summary>
internal interface IRequestDrain
{
    /// <summary>Cancelled when the requests must end.</summary>
    CancellationToken LetGo { get; }

    /// <summary>Counts a request until the result is disposed of.</summary>
    IDisposable Enter();
}
