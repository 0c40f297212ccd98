namespace Weft.Runs;

/// <summary>The names of enum values in the protocol. SQL and logs use them too.</summary>
public static class WireNames
{
    /// <summary>Returns the name of a run's status.</summary>
    public static string ToWire(this RunStatus status) => status switch
    {
        RunStatus.Pending => "pending",
        RunStatus.Running => "running",
        RunStatus.Success => "success",
        RunStatus.Error => "error",
        RunStatus.Timeout => "timeout",
        _ => "interrupted",
    };

    /// <summary>Returns the name of a thread's status.</summary>
    public static string ToWire(this ThreadStatus status) => status switch
    {
        ThreadStatus.Idle => "idle",
        ThreadStatus.Busy => "busy",
        ThreadStatus.Interrupted => "interrupted",
        _ => "error",
    };

    /// <summary>Returns the name of the action for a cancelled run.</summary>
    public static string ToWire(this CancelAction action) => action == CancelAction.Rollback ? "rollback" : "interrupt";

    /// <summary>Returns the name of a prune strategy.</summary>
    public static string ToWire(this PruneStrategy strategy) => strategy == PruneStrategy.KeepLatest ? "keep_latest" : "delete";

    /// <summary>Returns the name of the reason for which a run waits.</summary>
    internal static string ToWire(this RunWaitReason reason) => reason switch
    {
        RunWaitReason.Thread => "thread",
        RunWaitReason.Time => "time",
        _ => "capacity",
    };

    /// <summary>Returns the name of a multitask strategy.</summary>
    public static string ToWire(this MultitaskStrategy strategy) => strategy switch
    {
        MultitaskStrategy.Reject => "reject",
        MultitaskStrategy.Interrupt => "interrupt",
        MultitaskStrategy.Rollback => "rollback",
        _ => "enqueue",
    };

    /// <summary>Returns the name of the state of a webhook's delivery.</summary>
    public static string ToWire(this WebhookStatus status) => status switch
    {
        WebhookStatus.Pending => "pending",
        WebhookStatus.Delivered => "delivered",
        _ => "failed",
    };
}
