using System.Globalization;
using System.IO.Hashing;
using System.Text;

namespace Weft.Graphs;

/// <summary>Deterministic ids: reading, resuming or replaying one checkpoint yields the same tasks and interrupts (protocol, section G4).</summary>
internal static class TaskIds
{
    public static string ForTask(string checkpointId, string checkpointNamespace, int step, PendingTask task, int index)
    {
        var hash = new XxHash128();
        Append(hash, checkpointId);
        Append(hash, checkpointNamespace);
        Append(hash, step.ToString(CultureInfo.InvariantCulture));
        Append(hash, task.Node);
        if (!task.IsPush)
        {
            Append(hash, "__pregel_pull");
            foreach (var trigger in task.Triggers)
            {
                Append(hash, trigger);
            }
        }
        else
        {
            Append(hash, PendingTask.PushTrigger);
            Append(hash, index.ToString(CultureInfo.InvariantCulture));
        }

        return new Guid(hash.GetCurrentHash(), bigEndian: true).ToString();
    }

    /// <summary>The id of a durable step: the same each time its task runs again.</summary>
    public static string ForStep(string taskId, string name, int index)
    {
        var hash = new XxHash128();
        Append(hash, taskId);
        Append(hash, PendingTask.PushTrigger);
        Append(hash, name);
        Append(hash, index.ToString(CultureInfo.InvariantCulture));
        return new Guid(hash.GetCurrentHash(), bigEndian: true).ToString();
    }

    /// <summary>The id of the interrupts of the task with this namespace: 32 hex digits, by which resume maps are told from other values.</summary>
    public static string ForInterrupt(string taskNamespace) =>
        Convert.ToHexStringLower(XxHash128.Hash(Encoding.UTF8.GetBytes(taskNamespace)));

    private static void Append(XxHash128 hash, string text)
    {
        Span<byte> utf8 = stackalloc byte[256];
        if (Encoding.UTF8.TryGetBytes(text, utf8, out var written))
        {
            hash.Append(utf8[..written]);
        }
        else
        {
            hash.Append(Encoding.UTF8.GetBytes(text));
        }

        hash.Append([(byte)0]);
    }
}
