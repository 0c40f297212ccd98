using Microsoft.Extensions.Options;

namespace Weft.Runs;

/// <summary>Validates <see cref="RunsOptions"/>.</summary>
internal sealed class RunsOptionsValidation : IValidateOptions<RunsOptions>
{
    public ValidateOptionsResult Validate(string? name, RunsOptions options) => new OptionsCheck<RunsOptions>()
        .Positive(options.ConcurrentRunsMax)
        .Positive(options.QueuedRunsMax)
        .Positive(options.QueuedRunsPerThreadMax)
        .Positive(options.ConcurrentRunsPerActorMax)
        .Positive(options.UnfinishedRunsPerActorMax)
        .Positive(options.AttemptsMax)
        .Timer(options.RunTimeout)
        .NotNegative(options.StopGrace)
        .Timer(options.EditTimeout)
        .NotNegative(options.StreamBytesMax)
        .NotNegative(options.UnsavedBytesMax)
        .NotNegative(options.StoredEventsInterval)
        .NotNegative(options.EndedStreamRetention)
        .NotNegative(options.EndedStreamsMax)
        .NotNegative(options.EndedStreamsBytesMax)
        .NotNegative(options.ResumableStreamRetention)
        .NotNegative(options.ResumableStreamsBytesMax)
        .NotNegative(options.ResumableStreamBytesPerRunMax)
        .Positive(options.SearchedRunsMax)
        .Positive(options.FeedEventsMax)
        .Positive(options.CachedThreadsMax)
        .NotNegative(options.CachedBytesMax)
        .Positive(options.ItemTimeToLive)
        .Timer(options.SweepInterval)
        .Positive(options.ConcurrentScansMax)
        .NotNegative(options.QueuedScansMax)
        .NotNegative(options.WebhookRetention)
        .NotNegative(options.TimelineRetention)
        .NotNegative(options.WebhooksBytesMax)
        .NotNegative(options.CronGrace)
        .NotNegative(options.DrainTimeout)
        .Positive(options.ConfigBytesMax)
        .NotNegative(options.FeedbackPerRunMax)
        .Positive(options.FeedbackBytesMax)
        .Positive(options.FeedbackUrlLifetime)
        .Result;
}
