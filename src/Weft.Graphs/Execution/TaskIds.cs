using System.Globalization;
using System.IO.Hashing;
using System.Text;

namespace Weft.Graphs;

/// <summary>
/// Makes deterministic ids. Reading, resuming or replaying one checkpoint yields the same tasks and interrupts
/// (docs/protocol/engine.md G4).
/// </summary>
internal static class TaskIds
{
    private const int HashBytes = 16;

    // Used again for each id, because a new one allocates more than half a kilobyte.
    [ThreadStatic]
    private static XxHash128? _hash;

    public static string ForTask(string checkpointId, string checkpointNamespace, int step, PendingTask task, int index)
    {
        var hash = NewHash();
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

        return UuidOf(hash);
    }

    /// <summary>The id of a durable step. It is the same each time its task runs again.</summary>
    /// <param name="taskId">The task.</param>
    /// <param name="name">The name of the step.</param>
    /// <param name="key">Its key, if it has one.</param>
    /// <param name="number">The number of earlier steps with this name and key.</param>
    public static string ForStep(string taskId, string name, string? key, int number)
    {
        var hash = NewHash();
        Append(hash, taskId);
        Append(hash, key is null ? "step" : "step with key");
        Append(hash, name);
        Append(hash, key ?? "");
        Append(hash, number.ToString(CultureInfo.InvariantCulture));
        return UuidOf(hash);
    }

    public static string ForOlderStep(string taskId, string name, int index)
    {
        var hash = NewHash();
        Append(hash, taskId);
        Append(hash, PendingTask.PushTrigger);
        Append(hash, name);
        Append(hash, index.ToString(CultureInfo.InvariantCulture));
        return UuidOf(hash);
    }

    /// <summary>
    /// The id of a question that its order identifies: 32 hex digits, which distinguish resume maps from other values.
    /// </summary>
    public static string ForInterrupt(string taskNamespace, int number) => number == 0
        ? Convert.ToHexStringLower(XxHash128.Hash(Encoding.UTF8.GetBytes(taskNamespace)))
        : HashOf(taskNamespace, "order", "", number);

    /// <summary>The id of a question that its key or its content identifies.</summary>
    /// <param name="taskNamespace">The namespace of the task.</param>
    /// <param name="text">The key, or the content as JSON.</param>
    /// <param name="isKey">Whether it is a key.</param>
    /// <param name="number">How often the task asked the same before.</param>
    public static string ForQuestion(string taskNamespace, string text, bool isKey, int number) =>
        HashOf(taskNamespace, isKey ? "key" : "content", text, number);

    private static string HashOf(string taskNamespace, string kind, string text, int number)
    {
        var hash = NewHash();
        Append(hash, taskNamespace);
        Append(hash, kind);
        Append(hash, text);
        Append(hash, number.ToString(CultureInfo.InvariantCulture));
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    /// <summary>A hash of names: 16 hex digits.</summary>
    public static string HashOf(IEnumerable<string> names)
    {
        // One of its own: what makes the names may make ids too.
        var hash = new XxHash128();
        foreach (var name in names)
        {
            Append(hash, name);
        }

        return Convert.ToHexStringLower(hash.GetCurrentHash())[..16];
    }

    private static XxHash128 NewHash()
    {
        var hash = _hash ??= new XxHash128();
        hash.Reset();
        return hash;
    }

    private static string UuidOf(XxHash128 hash)
    {
        Span<byte> bytes = stackalloc byte[HashBytes];
        hash.GetCurrentHash(bytes);
        return new Guid(bytes, bigEndian: true).ToString();
    }

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
