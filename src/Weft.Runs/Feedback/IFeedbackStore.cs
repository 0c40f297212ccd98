namespace Weft.Runs;

/// <summary>Keeps feedback on runs. It is removed with its run.</summary>
/// <remarks>
/// Every implementation passes <c>FeedbackStoreContract</c>; behaviour that the suite does not check is not guaranteed.
/// When a task completes, its change is committed. Writes of one thread take effect in the order of the calls, across all
/// interfaces of storage. A caller that lost the answer may repeat a write: the repetition changes nothing and returns the same
/// result, except that a removed feedback is reported as missing.
/// </remarks>
public interface IFeedbackStore
{
    /// <summary>Adds a feedback, unless the run has <paramref name="max"/> already.</summary>
    Task<FeedbackAdded> AddAsync(FeedbackRecord feedback, int max, CancellationToken cancellationToken);

    /// <summary>
    /// Stores a feedback in the place of all that the run has of the same owner with the same key. The first of these keeps its id.
    /// Returns what is stored; <see langword="null"/> when the run does not exist.
    /// </summary>
    Task<FeedbackRecord?> PutAsync(FeedbackRecord feedback, CancellationToken cancellationToken);

    /// <summary>Returns the feedback on a run in the order in which it was stored; empty when the run does not exist.</summary>
    Task<IReadOnlyList<FeedbackRecord>> ListAsync(RunKey run, CancellationToken cancellationToken);

    /// <summary>Removes the ratings of an owner from a run, and no score of a key. Returns their number.</summary>
    Task<int> DeleteRatingsAsync(RunKey run, string owner, CancellationToken cancellationToken);

    /// <summary>Removes a feedback from a run. Returns <see langword="false"/> when the run has no such feedback.</summary>
    Task<bool> DeleteAsync(RunKey run, FeedbackId feedbackId, CancellationToken cancellationToken);

    /// <summary>
    /// Returns the secret that signs the URLs for feedback. Stores <paramref name="proposed"/> if none is stored. All callers get
    /// the same secret, also after a restart.
    /// </summary>
    Task<ReadOnlyMemory<byte>> GetSecretAsync(ReadOnlyMemory<byte> proposed, CancellationToken cancellationToken);
}

/// <summary>The result of <see cref="IFeedbackStore.AddAsync"/>.</summary>
public enum FeedbackAdded
{
    /// <summary>The feedback is stored.</summary>
    Added,

    /// <summary>The run does not exist. Nothing was stored.</summary>
    RunMissing,

    /// <summary>The run has the most feedback that it may have. Nothing was stored.</summary>
    TooMany,
}
