using System.Text;
using System.Text.Json;
using Weft.Graphs;

namespace Weft.Runs.Tests.Runs;

/// <summary>The outcomes that are read from the logs of runs.</summary>
public sealed class RunOutcomesTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_outcome_of_a_log_has_its_last_state_with_the_questions_of_the_pause()
    {
        var log = Log();
        log.Append(Values("""{"a":1}"""), Noon);
        log.Append(Values("""{"a":2}""", new Interrupt("i", JsonElement.Parse("\"sure?\""))), Noon);
        log.Append(new RunEndPart(log.RunId, RunStatus.Success), Noon);

        var outcome = await RunOutcomes.ReadAsync(log, Token);

        outcome.Status.ShouldBe(RunStatus.Success);
        RunsUnderTest.ValuesOf(outcome).ShouldBe("""{"a":2,"__interrupt__":[{"id":"i","value":"sure?"}]}""");
        RunsUnderTest.ValuesOf(outcome, withInterrupts: false).ShouldBe("""{"a":2}""");
    }

    [Fact]
    public async Task A_log_that_was_abandoned_has_no_outcome_yet()
    {
        var log = Log();
        log.Append(Values("""{"a":1}"""), Noon);
        log.Abandon();

        (await RunOutcomes.ReadAsync(log, Token)).Status.ShouldBe(RunStatus.Pending);
    }

    [Fact]
    public async Task A_caller_that_goes_away_does_not_wait_for_the_end_of_the_log()
    {
        using var gone = new CancellationTokenSource();
        var reading = RunOutcomes.ReadAsync(Log(), gone.Token);
        reading.IsCompleted.ShouldBeFalse();

        await gone.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(reading);
    }

    private static RunStream Log() => new(new RunId(Guid.NewGuid()), new ThreadId("t"), ["values"], new RunsOptions());

    private static ValuesPart Values(string json, params Interrupt[] interrupts) =>
        new(LazyJson.FromUtf8(Encoding.UTF8.GetBytes(json)), interrupts.Length == 0 ? null : interrupts);
}
