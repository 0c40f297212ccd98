using Weft.Runs;

namespace Weft.Storage;

/// <summary>Reads enum values from columns, which store the wire's words, as UTF-8 or as text.</summary>
internal static class ColumnEnums
{
    private static readonly ColumnWords<ThreadStatus> ThreadStatuses = new(WireNames.ToWire, Runs.ThreadStatus.Error);
    private static readonly ColumnWords<RunStatus> RunStatuses = new(WireNames.ToWire, Runs.RunStatus.Interrupted);
    private static readonly ColumnWords<MultitaskStrategy> MultitaskStrategies = new(WireNames.ToWire, Runs.MultitaskStrategy.Enqueue);
    private static readonly ColumnWords<CancelAction> CancelActions = new(WireNames.ToWire, Runs.CancelAction.Interrupt);
    private static readonly ColumnWords<PruneStrategy> PruneStrategies = new(WireNames.ToWire, Runs.PruneStrategy.Delete);
    private static readonly ColumnWords<WebhookStatus> WebhookStatuses = new(WireNames.ToWire, Runs.WebhookStatus.Failed);

    public static ThreadStatus ThreadStatus(ReadOnlySpan<byte> word) => ThreadStatuses.Read(word);

    public static ThreadStatus ThreadStatus(string word) => ThreadStatuses.Read(word);

    public static RunStatus RunStatus(ReadOnlySpan<byte> word) => RunStatuses.Read(word);

    public static RunStatus RunStatus(string word) => RunStatuses.Read(word);

    public static MultitaskStrategy MultitaskStrategy(ReadOnlySpan<byte> word) => MultitaskStrategies.Read(word);

    public static MultitaskStrategy MultitaskStrategy(string word) => MultitaskStrategies.Read(word);

    public static CancelAction CancelAction(ReadOnlySpan<byte> word) => CancelActions.Read(word);

    public static CancelAction CancelAction(string word) => CancelActions.Read(word);

    public static PruneStrategy PruneStrategy(ReadOnlySpan<byte> word) => PruneStrategies.Read(word);

    public static PruneStrategy PruneStrategy(string word) => PruneStrategies.Read(word);

    public static WebhookStatus WebhookStatus(ReadOnlySpan<byte> word) => WebhookStatuses.Read(word);

    public static WebhookStatus WebhookStatus(string word) => WebhookStatuses.Read(word);
}
