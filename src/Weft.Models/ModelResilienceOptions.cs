namespace Weft.Models;

/// <summary>
/// How calls of models are repeated and limited in time. A call is repeated after the statuses 408, 429 and 5xx and after failures of
/// the connection, until the answer begins. What was streamed is never asked for again.
/// </summary>
public sealed class ModelResilienceOptions
{
    /// <summary>How often a failed call is repeated; 0 means never. Default: 3.</summary>
    public int RetriesMax { get; set; } = 3;

    /// <summary>
    /// The wait before the first repetition; each further one is about twice as long. A provider that asks for a wait by
    /// <c>Retry-After</c> gets that one. Default: 1 second.
    /// </summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait. If a provider asks for a longer one, the call fails at once. Default: 1 minute.</summary>
    public TimeSpan RetryDelayMax { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>The time to connect to a provider. Default: 15 seconds.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// The time until the answer of one attempt begins. An answer that is not streamed begins when it is complete. A provider that sends
    /// its headers before has the time once more until the first piece of its answer. Default: 5 minutes.
    /// </summary>
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>The time until the answer begins, with all attempts and waits. Default: 15 minutes.</summary>
    public TimeSpan TotalTimeout { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>The longest pause between two pieces of an answer; then the call fails. Default: 2 minutes.</summary>
    public TimeSpan PauseMax { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// The share of failed attempts, more than 0 and at most 1, from which on a model is not called for <see cref="BreakTime"/>: its calls
    /// fail at once. Refusals with 429 do not count. 0 means that it is always called. Default: 0.5.
    /// </summary>
    public double BreakRatio { get; set; } = 0.5;

    /// <summary>
    /// The number of attempts within 30 seconds below which <see cref="BreakRatio"/> does not count; at least 2. Default: 20.
    /// </summary>
    public int BreakAttemptsMin { get; set; } = 20;

    /// <summary>
    /// The time for which a model is not called, at least half a second. Then one call finds out whether it works again. Default: 15
    /// seconds.
    /// </summary>
    public TimeSpan BreakTime { get; set; } = TimeSpan.FromSeconds(15);
}
