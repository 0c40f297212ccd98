using Microsoft.Extensions.Time.Testing;

namespace Weft.Runs.Tests;

/// <summary>A clock that a test advances, and whose wall time it can set without time passing.</summary>
internal sealed class SteppingTime() : FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 12, 0, 0, TimeSpan.Zero))
{
    /// <summary>How far the wall clock is off.</summary>
    public TimeSpan Step { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Step;

    // The base takes it from the wall clock.
    public override long GetTimestamp() => base.GetTimestamp() - Step.Ticks;
}
