namespace Weft.CrashHost;

/// <summary>The clock of a machine that nobody has set right.</summary>
internal sealed class WrongTime(TimeSpan ahead) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + ahead;
}
