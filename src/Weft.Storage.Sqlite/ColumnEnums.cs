using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>Reads enum values from columns, which store the wire's words in UTF-8.</summary>
internal static class ColumnEnums
{
    public static ThreadStatus ThreadStatus(ReadOnlySpan<byte> word) => word switch
    {
        _ when word.SequenceEqual("idle"u8) => Weft.Runs.ThreadStatus.Idle,
        _ when word.SequenceEqual("busy"u8) => Weft.Runs.ThreadStatus.Busy,
        _ when word.SequenceEqual("interrupted"u8) => Weft.Runs.ThreadStatus.Interrupted,
        _ => Weft.Runs.ThreadStatus.Error,
    };

    public static RunStatus RunStatus(ReadOnlySpan<byte> word) => word switch
    {
        _ when word.SequenceEqual("pending"u8) => Weft.Runs.RunStatus.Pending,
        _ when word.SequenceEqual("running"u8) => Weft.Runs.RunStatus.Running,
        _ when word.SequenceEqual("success"u8) => Weft.Runs.RunStatus.Success,
        _ when word.SequenceEqual("error"u8) => Weft.Runs.RunStatus.Error,
        _ when word.SequenceEqual("timeout"u8) => Weft.Runs.RunStatus.Timeout,
        _ => Weft.Runs.RunStatus.Interrupted,
    };

    public static MultitaskStrategy MultitaskStrategy(ReadOnlySpan<byte> word) => word switch
    {
        _ when word.SequenceEqual("reject"u8) => Weft.Runs.MultitaskStrategy.Reject,
        _ when word.SequenceEqual("interrupt"u8) => Weft.Runs.MultitaskStrategy.Interrupt,
        _ when word.SequenceEqual("rollback"u8) => Weft.Runs.MultitaskStrategy.Rollback,
        _ => Weft.Runs.MultitaskStrategy.Enqueue,
    };

    public static CancelAction CancelAction(ReadOnlySpan<byte> word) =>
        word.SequenceEqual("rollback"u8) ? Weft.Runs.CancelAction.Rollback : Weft.Runs.CancelAction.Interrupt;

    public static PruneStrategy PruneStrategy(ReadOnlySpan<byte> word) =>
        word.SequenceEqual("keep_latest"u8) ? Weft.Runs.PruneStrategy.KeepLatest : Weft.Runs.PruneStrategy.Delete;

    public static WebhookStatus WebhookStatus(ReadOnlySpan<byte> word) => word switch
    {
        _ when word.SequenceEqual("pending"u8) => Weft.Runs.WebhookStatus.Pending,
        _ when word.SequenceEqual("delivered"u8) => Weft.Runs.WebhookStatus.Delivered,
        _ => Weft.Runs.WebhookStatus.Failed,
    };
}
