using Cronos;

namespace Weft.Runs;

/// <summary>A cron expression in a time zone (docs/protocol/crons.md B7).</summary>
internal sealed class CronSchedule
{
    private const int FieldCount = 5;
    private const int DayOfMonth = 2;
    private const int DayOfWeek = 4;
    private const int LengthMax = 255;

    private readonly CronExpression[] _expressions;
    private readonly TimeZoneInfo _zone;

    private CronSchedule(CronExpression[] expressions, TimeZoneInfo zone)
    {
        _expressions = expressions;
        _zone = zone;
    }

    /// <exception cref="WeftException">The expression or the time zone is not valid.</exception>
    public static CronSchedule Parse(string schedule, string timeZone)
    {
        var zone = FindZone(timeZone);
        try
        {
            return new CronSchedule([.. Split(schedule).Select(expression => CronExpression.Parse(expression))], zone);
        }
        catch (Exception e) when (e is CronFormatException or MissingSeedException)
        {
            throw Invalid("schedule", $"'{schedule}' is not a cron expression: {e.Message}");
        }
    }

    /// <summary>Returns the first time after <paramref name="moment"/>; null if there is none.</summary>
    public DateTimeOffset? NextAfter(DateTimeOffset moment) =>
        _expressions.Min(expression => expression.GetNextOccurrence(moment, _zone))?.ToUniversalTime();

    /// <summary>Returns the last time between two moments, both included; null if there is none.</summary>
    public DateTimeOffset? LastBetween(DateTimeOffset from, DateTimeOffset to) =>
        _expressions.Max(expression => expression.GetPreviousOccurrence(to, _zone, inclusive: true)) is { } last && last >= from
            ? last.ToUniversalTime()
            : null;

    /// <summary>
    /// Returns the expressions of which one must match. If an expression restricts both the day of the month and the day of the
    /// week, one of them suffices, as in crontab. The parser demands both.
    /// </summary>
    private static IEnumerable<string> Split(string schedule)
    {
        if (schedule.Length > LengthMax)
        {
            throw Invalid("schedule", $"It must have at most {LengthMax} characters.");
        }

        var fields = schedule.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length != FieldCount)
        {
            throw Invalid(
                "schedule",
                $"'{schedule}' must have 5 fields (minute, hour, day of month, month, day of week), without seconds and names such as "
                    + $"@daily; it has {fields.Length}.");
        }

        if (fields[DayOfMonth] is "*" or "?" || fields[DayOfWeek] is "*" or "?")
        {
            return [schedule];
        }

        return [string.Join(' ', [.. fields[..DayOfWeek], "*"]), string.Join(' ', [.. fields[..DayOfMonth], "*", .. fields[3..]])];
    }

    /// <summary>
    /// Finds a time zone. On Unix the id is a path below the folder of time zones, so characters that lead out of it are refused.
    /// </summary>
    private static TimeZoneInfo FindZone(string id)
    {
        try
        {
            if (id.Length is > 0 and <= LengthMax
                && char.IsAsciiLetter(id[0])
                && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '_' or '-' or '+')
                && TimeZoneInfo.TryFindSystemTimeZoneById(id, out var zone))
            {
                return zone;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidTimeZoneException)
        {
            // The name of a folder or of another file.
        }

        throw Invalid("timezone", $"'{id}' is not an IANA time zone that this server knows, such as Europe/Berlin.");
    }

    private static WeftException Invalid(string field, string message) => new(ProblemKind.Invalid, message, field);
}
