using Weft.Runs;

namespace Weft.Storage.TestKit;

/// <summary>Calls of tests that do not need all of an answer.</summary>
public static class RunStoreExtensions
{
    /// <summary>Ends a run. Returns whether it was ended.</summary>
    public static async Task<bool> FinishAsync(this IRunStore runs, RunFinish finish, CancellationToken cancellationToken) =>
        await runs.TryFinishAsync(finish, cancellationToken) is not null;
}
