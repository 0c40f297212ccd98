using System.Text.Json;

namespace Weft.Graphs;

/// <summary>The path of a task: <c>["__pregel_pull",node]</c> or <c>["__pregel_push",index,false]</c>.</summary>
internal static class TaskPath
{
    public static void WriteTo(Utf8JsonWriter writer, PendingTask task, int index)
    {
        writer.WriteStartArray();
        if (!task.IsPush)
        {
            writer.WriteStringValue("__pregel_pull"u8);
            writer.WriteStringValue(task.Node);
        }
        else
        {
            writer.WriteStringValue(PendingTask.PushTrigger);
            writer.WriteNumberValue(index);
            writer.WriteBooleanValue(false);
        }

        writer.WriteEndArray();
    }
}
