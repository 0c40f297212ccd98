using System.Text;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>How a thread stands after its state changed (protocol, section C2).</summary>
internal static class ThreadOutcomes
{
    public static ThreadOutcome Of(StateSnapshot? head, string? error, bool isBusy)
    {
        var interrupts = head is { HasNext: true } && head.Interrupts.Any()
            ? Encoding.UTF8.GetString(GraphJson.Encode(head, static (writer, head) => head.WriteInterruptsByTask(writer)))
            : "{}";
        var status = error is not null ? ThreadStatus.Error
            : head is { HasNext: true } ? ThreadStatus.Interrupted
            : isBusy ? ThreadStatus.Busy
            : ThreadStatus.Idle;
        return new ThreadOutcome(status, interrupts, error);
    }
}
