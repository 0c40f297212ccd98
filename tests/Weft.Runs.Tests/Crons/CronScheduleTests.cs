using System.Globalization;

namespace Weft.Runs.Tests.Crons;

/// <summary>What a cron expression means.</summary>
public sealed class CronScheduleTests
{
    [Theory]
    [InlineData("*/15 * * * *", "UTC", "2026-01-02T12:00Z", "2026-01-02T12:15Z")]
    [InlineData("0 9 * * MON-FRI", "UTC", "2026-01-02T12:00Z", "2026-01-05T09:00Z")]
    [InlineData("0 9 1 JAN,jul *", "UTC", "2026-01-02T12:00Z", "2026-07-01T09:00Z")]
    [InlineData(" 0  9 * * 7 ", "UTC", "2026-01-02T12:00Z", "2026-01-04T09:00Z")]
    [InlineData("0 9 * * *", "Europe/Berlin", "2026-01-02T12:00Z", "2026-01-03T08:00Z")]
    [InlineData("0 9 * * *", "America/New_York", "2026-07-02T12:00Z", "2026-07-02T13:00Z")]
    // The thirteenth, and each Friday.
    [InlineData("0 0 13 * 5", "UTC", "2026-01-02T12:00Z", "2026-01-09T00:00Z")]
    [InlineData("0 0 13 * 5", "UTC", "2026-01-09T12:00Z", "2026-01-13T00:00Z")]
    // 02:30 is missing on one day and comes twice on another.
    [InlineData("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00Z", "2026-03-29T01:00Z")]
    [InlineData("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00Z", "2026-10-25T00:30Z")]
    [InlineData("30 2 * * *", "Europe/Berlin", "2026-10-25T00:30Z", "2026-10-26T01:30Z")]
    public void The_next_time_follows_the_schedule_in_its_zone(string schedule, string zone, string after, string next) =>
        CronSchedule.Parse(schedule, zone).NextAfter(At(after)).ShouldBe(At(next));

    [Theory]
    [InlineData("* * * * *", "2026-01-02T12:00:30Z", "2026-01-02T12:00Z")]
    [InlineData("* * * * *", "2026-01-02T12:00:00Z", "2026-01-02T12:00Z")]
    [InlineData("0 * * * *", "2026-01-02T12:59Z", "2026-01-02T12:00Z")]
    [InlineData("0 9 * * *", "2026-01-02T12:59Z", null)]
    public void The_last_time_is_not_before_the_first_moment(string schedule, string until, string? last) =>
        CronSchedule.Parse(schedule, "UTC").LastBetween(At("2026-01-02T11:00Z"), At(until)).ShouldBe(last is null ? null : At(last));

    [Theory]
    [InlineData("", "UTC", "schedule")]
    [InlineData("now", "UTC", "schedule")]
    [InlineData("* * * *", "UTC", "schedule")]
    [InlineData("* * * * * *", "UTC", "schedule")]
    [InlineData("@every_second", "UTC", "schedule")]
    [InlineData("60 * * * *", "UTC", "schedule")]
    [InlineData("* 24 * * *", "UTC", "schedule")]
    [InlineData("* * 0 * *", "UTC", "schedule")]
    [InlineData("* * * 13 *", "UTC", "schedule")]
    [InlineData("* * * * 8", "UTC", "schedule")]
    [InlineData("* * * * MOO", "UTC", "schedule")]
    [InlineData("H * * * *", "UTC", "schedule")]
    [InlineData("-1 * * * *", "UTC", "schedule")]
    [InlineData("*/0 * * * *", "UTC", "schedule")]
    [InlineData("* * * * *", "", "timezone")]
    [InlineData("* * * * *", "Mars/Olympus", "timezone")]
    [InlineData("* * * * *", "Europe", "timezone")]
    [InlineData("* * * * *", "../../../etc/passwd", "timezone")]
    [InlineData("* * * * *", "/etc/localtime", "timezone")]
    [InlineData("* * * * *", "Europe/Berlin\0", "timezone")]
    [InlineData("* * * * *", "zone.tab", "timezone")]
    public void What_is_not_valid_is_refused_by_the_name_of_the_field(string schedule, string zone, string field)
    {
        var refused = Should.Throw<WeftException>(() => CronSchedule.Parse(schedule, zone));

        (refused.Kind, refused.Field).ShouldBe((ProblemKind.Invalid, field));
    }

    private static DateTimeOffset At(string time) => DateTimeOffset.Parse(time, CultureInfo.InvariantCulture);
}
