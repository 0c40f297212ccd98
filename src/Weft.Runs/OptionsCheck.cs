using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;

namespace Weft.Runs;

/// <summary>Collects the errors of an instance of <typeparamref name="T"/>, one message for each member.</summary>
internal sealed class OptionsCheck<T>
    where T : class
{
    private readonly List<string> _failures = [];

    public ValidateOptionsResult Result => _failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(_failures);

    public OptionsCheck<T> Positive(long value, [CallerArgumentExpression(nameof(value))] string member = "") =>
        value > 0 ? this : Fail(member, $"must be greater than 0 (was {value})");

    /// <summary>Checks a limit that may be null.</summary>
    public OptionsCheck<T> Positive(long? value, [CallerArgumentExpression(nameof(value))] string member = "") =>
        value is not { } limit ? this : Positive(limit, member);

    public OptionsCheck<T> NotNegative(long value, [CallerArgumentExpression(nameof(value))] string member = "") =>
        value >= 0 ? this : Fail(member, $"must not be negative (was {value})");

    public OptionsCheck<T> Positive(TimeSpan? value, [CallerArgumentExpression(nameof(value))] string member = "") =>
        value is not { } time || time > TimeSpan.Zero ? this : Fail(member, $"must be greater than 0 (was {value})");

    public OptionsCheck<T> NotNegative(TimeSpan value, [CallerArgumentExpression(nameof(value))] string member = "") =>
        value >= TimeSpan.Zero ? this : Fail(member, $"must not be negative (was {value})");

    /// <summary>Checks a time that a timer measures. Timers are limited to 49 days.</summary>
    public OptionsCheck<T> Timer(TimeSpan value, [CallerArgumentExpression(nameof(value))] string member = "") =>
        value > TimeSpan.Zero && value.TotalMilliseconds < uint.MaxValue
            ? this
            : Fail(member, $"must be greater than 0 and less than 49 days (was {value})");

    public OptionsCheck<T> Is(bool holds, string member, string rule) => holds ? this : Fail(member, rule);

    private OptionsCheck<T> Fail(string member, string rule)
    {
        var name = member[(member.IndexOf('.') + 1)..];
        _failures.Add(string.Create(CultureInfo.InvariantCulture, $"{typeof(T).Name}.{name} {rule}."));
        return this;
    }
}
