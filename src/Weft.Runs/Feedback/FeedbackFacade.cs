using System.Security.Cryptography;
using System.Text;

namespace Weft.Runs;

/// <summary>The operations on feedback. Callers pass runs that they have found for an actor.</summary>
public sealed class FeedbackFacade
{
    private const int SecretBytes = 32;

    private readonly IFeedbackStore _feedback;
    private readonly RunsOptions _options;
    private readonly TimeProvider _time;

    internal FeedbackFacade(IFeedbackStore feedback, RunsOptions options, TimeProvider time)
    {
        _feedback = feedback;
        _options = options;
        _time = time;
    }

    /// <summary>Stores a rating by an actor in the place of those that the actor has given for the run.</summary>
    /// <exception cref="WeftException">A text is too long, or the run was deleted.</exception>
    public async Task<FeedbackRecord> PutRatingAsync(
        Actor actor, RunRecord run, int rating, string? comment, string? messageId, CancellationToken cancellationToken)
    {
        var feedback = Rating(actor, run, rating, comment, messageId);
        return await _feedback.PutAsync(feedback, cancellationToken) ?? throw WeftException.RunNotFound(run.RunId);
    }

    /// <summary>Adds a rating by an actor.</summary>
    /// <exception cref="WeftException">A text is too long, the run was deleted, or it has the most feedback that it may have.</exception>
    public async Task<FeedbackRecord> AddRatingAsync(
        Actor actor, RunRecord run, int rating, string? comment, string? messageId, CancellationToken cancellationToken)
    {
        var feedback = Rating(actor, run, rating, comment, messageId);
        return await _feedback.AddAsync(feedback, _options.FeedbackPerRunMax, cancellationToken) switch
        {
            FeedbackAdded.Added => feedback,
            FeedbackAdded.RunMissing => throw WeftException.RunNotFound(run.RunId),
            _ => throw new WeftException(
                ProblemKind.Conflict, $"Run {run.RunId} has {_options.FeedbackPerRunMax} feedbacks, which is the maximum."),
        };
    }

    /// <summary>Stores the score of a key in the place of the one that the run has. Returns false if the run does not exist.</summary>
    /// <param name="run">The run.</param>
    /// <param name="key">The key.</param>
    /// <param name="score">The score; null for none.</param>
    /// <param name="comment">A text for people; null for none.</param>
    /// <param name="details">A JSON object.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="WeftException">The comment is too long.</exception>
    public async Task<bool> PutScoreAsync(
        RunKey run, string key, double? score, string? comment, string details, CancellationToken cancellationToken)
    {
        Check(comment, "comment");
        var feedback = new FeedbackRecord
        {
            FeedbackId = FeedbackId.New(_time),
            ThreadId = run.ThreadId,
            RunId = run.RunId,
            Key = key,
            Score = score,
            Comment = comment,
            Details = details,
            CreatedAt = _time.GetUtcNow(),
        };
        return await _feedback.PutAsync(feedback, cancellationToken) is not null;
    }

    /// <summary>Returns the feedback on a run in the order in which it was stored.</summary>
    public Task<IReadOnlyList<FeedbackRecord>> ListAsync(RunRecord run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        return _feedback.ListAsync(run.Key, cancellationToken);
    }

    /// <summary>Removes the ratings of an actor from a run. Returns false if there were none.</summary>
    public async Task<bool> DeleteRatingsAsync(Actor actor, RunRecord run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(actor);
        ArgumentNullException.ThrowIfNull(run);
        return await _feedback.DeleteRatingsAsync(run.Key, actor.Id, cancellationToken) > 0;
    }

    /// <summary>Removes a feedback from a run. Returns false if the run has no such feedback.</summary>
    public Task<bool> DeleteAsync(RunRecord run, FeedbackId feedbackId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        return _feedback.DeleteAsync(run.Key, feedbackId, cancellationToken);
    }

    /// <summary>Returns the secret that signs the URLs for feedback.</summary>
    public Task<ReadOnlyMemory<byte>> GetSecretAsync(CancellationToken cancellationToken) =>
        _feedback.GetSecretAsync(RandomNumberGenerator.GetBytes(SecretBytes), cancellationToken);

    /// <summary>Checks the length of a text or a JSON value of a feedback.</summary>
    /// <exception cref="WeftException">It has more bytes than <see cref="RunsOptions.FeedbackBytesMax"/>.</exception>
    public void Check(string? text, string field)
    {
        if (text is not null && Encoding.UTF8.GetByteCount(text) > _options.FeedbackBytesMax)
        {
            throw new WeftException(ProblemKind.Invalid, $"It must have at most {_options.FeedbackBytesMax} bytes.", field);
        }
    }

    private FeedbackRecord Rating(Actor actor, RunRecord run, int rating, string? comment, string? messageId)
    {
        ArgumentNullException.ThrowIfNull(actor);
        ArgumentNullException.ThrowIfNull(run);
        Check(comment, "comment");
        Check(messageId, "message_id");
        return new FeedbackRecord
        {
            FeedbackId = FeedbackId.New(_time),
            ThreadId = run.ThreadId,
            RunId = run.RunId,
            Owner = actor.Id,
            Score = rating,
            MessageId = messageId,
            Comment = comment,
            CreatedAt = _time.GetUtcNow(),
        };
    }
}
